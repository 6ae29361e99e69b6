//! Files that are replaced as a whole or not at all.
//!
//! The new content goes to a new file beside the old one, onto the disk, and then takes the old
//! one's name. So a full disk, a crash or an error half-way leaves the old file as it was. What is
//! no regular file (a terminal, a pipe, `/dev/stdout`) cannot be replaced and is written to.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::{Error, process};

/// Bytes written at once: large enough that the cost of a write vanishes.
const BUFFER_BYTES: usize = 1 << 16;
/// Names tried for the new file before giving up.
const ATTEMPTS: u32 = 100;
/// What names of new files begin and end with.
const TEMPORARY: (&str, &str) = (".perprovis-", ".tmp");
/// A new file that nobody has written to for so long belongs to a process that was killed. Should one
/// live after all, its export fails and is told so.
const LEFT_BEHIND: Duration = Duration::from_secs(60);

type Writer<'f> = &'f mut BufWriter<File>;

/// Puts what `write` writes into the file at `path`, in whole or not at all. An error of `write` that has
/// nothing to do with the file is given back as it is.
pub(super) fn replace(
    path: &Path,
    write: impl FnOnce(Writer<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut other = None;
    let into = |file: File| -> io::Result<File> {
        let mut writer = BufWriter::with_capacity(BUFFER_BYTES, file);
        match write(&mut writer) {
            Ok(()) => writer.into_inner().map_err(io::IntoInnerError::into_error),
            Err(Error::Write { source }) => {
                let _unwritten = writer.into_parts(); // no second attempt on drop
                Err(source)
            }
            Err(error) => {
                let _unwritten = writer.into_parts();
                other = Some(error);
                Err(io::ErrorKind::Other.into())
            }
        }
    };
    let replaced = replace_by(path, into);
    other.map_or(replaced, Err)
}

fn replace_by(path: &Path, into: impl FnOnce(File) -> io::Result<File>) -> Result<(), Error> {
    let failed = |source| Error::WriteFile { path: path.to_owned(), source };
    if path.as_os_str().is_empty() {
        return Err(failed(io::Error::new(io::ErrorKind::InvalidInput, "the path is empty")));
    }
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => Err(failed(io::ErrorKind::IsADirectory.into())),
        Ok(found) if !found.is_file() => write_to_special(path, into).map_err(failed),
        Ok(found) => {
            // The file behind a symbolic link is replaced, the link stays.
            let target = fs::canonicalize(path).map_err(failed)?;
            // Replacing needs no right to write to the file: a read-only one is left alone.
            OpenOptions::new().write(true).open(&target).map_err(failed)?;
            write_beside(&target, Some(found.permissions()), into).map_err(failed)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            write_beside(&behind_links(path), None, into).map_err(failed)
        }
        Err(error) => Err(failed(error)),
    }
}

fn write_to_special(path: &Path, into: impl FnOnce(File) -> io::Result<File>) -> io::Result<()> {
    into(OpenOptions::new().write(true).open(path)?)?.flush()
}

fn write_beside(
    target: &Path,
    permissions: Option<fs::Permissions>,
    into: impl FnOnce(File) -> io::Result<File>,
) -> io::Result<()> {
    let (temporary, file) = create_beside(target)?;
    let written = into(file).and_then(|file| {
        if let Some(permissions) = permissions {
            file.set_permissions(permissions)?;
        }
        file.sync_all()
    });
    let replaced = written.and_then(|()| fs::rename(&temporary, target));
    if replaced.is_err() {
        // The first error is the one to tell.
        let _ = fs::remove_file(&temporary);
    }
    replaced
}

/// A new file in the directory of `target`, since only there renaming is one step.
fn create_beside(target: &Path) -> io::Result<(PathBuf, File)> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    for _ in 0..ATTEMPTS {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let (begins, ends) = TEMPORARY;
        let name = format!("{begins}{}-{number}{ends}", process::id());
        let path = target.with_file_name(name);
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            created => return created.map(|file| (path, file)),
        }
    }
    Err(io::Error::new(io::ErrorKind::AlreadyExists, "no free name for a temporary file"))
}

/// Removes the new files of processes that were killed while they wrote: they would add up.
pub(crate) fn remove_leftovers(folder: &Path) {
    let (begins, ends) = TEMPORARY;
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if !(name.starts_with(begins) && name.ends_with(ends)) {
            continue;
        }
        let modified = entry.metadata().and_then(|file| file.modified());
        let age = modified.ok().and_then(|modified| modified.elapsed().ok());
        if age.is_some_and(|age| age >= LEFT_BEHIND) {
            // Another process may have come first.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Where a file must be created so that dangling symbolic links on the way lead to it.
fn behind_links(path: &Path) -> PathBuf {
    let mut target = path.to_owned();
    for _ in 0..40 {
        match fs::read_link(&target) {
            Ok(next) => target = target.parent().map_or(next.clone(), |parent| parent.join(&next)),
            Err(_) => break,
        }
    }
    target
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::error::Error as _;

    fn put(path: &Path, text: &str) -> Result<(), Error> {
        replace(path, |writer| {
            writer.write_all(text.as_bytes()).map_err(|source| Error::Write { source })
        })
    }

    fn entries(directory: &Path) -> usize {
        fs::read_dir(directory).unwrap().count()
    }

    #[test]
    fn a_file_is_created_and_replaced() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("report.json");
        put(&path, "old").unwrap();
        put(&path, "new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(entries(directory.path()), 1);
    }

    #[test]
    fn an_error_half_way_keeps_the_old_file_and_leaves_nothing_behind() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("report.json");
        put(&path, "old").unwrap();
        let error = replace(&path, |writer| {
            writer.write_all(&[b'x'; 200_000]).unwrap();
            Err(Error::Write { source: io::ErrorKind::StorageFull.into() })
        })
        .unwrap_err();
        assert!(error.to_string().contains("report.json"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(entries(directory.path()), 1);
    }

    #[test]
    fn an_error_that_is_not_the_files_comes_back_as_it_is() {
        let directory = tempfile::tempdir().unwrap();
        let error = replace(&directory.path().join("report.json"), |writer| {
            writer.write_all(b"x").unwrap();
            Err(Error::Foreign { found: None })
        });
        assert!(matches!(error, Err(Error::Foreign { found: None })));
        assert_eq!(entries(directory.path()), 0);
    }

    #[test]
    fn a_directory_in_its_place_and_a_missing_one_are_named() {
        let directory = tempfile::tempdir().unwrap();
        for path in [directory.path().to_owned(), directory.path().join("missing/report.json")] {
            let error = put(&path, "x").unwrap_err();
            assert!(error.to_string().contains(&format!("{path:?}")), "{error}");
            assert!(error.source().is_some());
        }
        assert!(put(Path::new(""), "x").is_err());
        assert_eq!(entries(directory.path()), 0);
    }

    #[test]
    fn what_killed_processes_left_is_removed_and_nothing_else() {
        let directory = tempfile::tempdir().unwrap();
        let names =
            [".perprovis-1-0.tmp", ".perprovis-2-0.tmp", "report.json", ".perprovis-1.json"];
        let paths = names.map(|name| directory.path().join(name));
        let old = std::time::SystemTime::now() - LEFT_BEHIND;
        for (number, path) in paths.iter().enumerate() {
            let file = File::create(path).unwrap();
            if number != 1 {
                file.set_modified(old).unwrap();
            }
        }
        remove_leftovers(directory.path());
        assert_eq!(paths.map(|path| path.exists()), [false, true, true, true]);
        remove_leftovers(&directory.path().join("missing"));
    }

    #[cfg(unix)]
    #[test]
    fn a_symbolic_link_stays_one() {
        let directory = tempfile::tempdir().unwrap();
        let (file, link) = (directory.path().join("file"), directory.path().join("link"));
        std::os::unix::fs::symlink("file", &link).unwrap();
        for text in ["through a dangling link", "through a link"] {
            put(&link, text).unwrap();
            assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
            assert_eq!(fs::read_to_string(&file).unwrap(), text);
        }
    }

    #[cfg(unix)]
    #[test]
    fn permissions_stay() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("report.json");
        put(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        put(&path, "new").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn devices_are_written_to_and_never_replaced() {
        use std::os::unix::fs::FileTypeExt;
        let full = Path::new("/dev/full");
        let error = put(full, &"x".repeat(200_000)).unwrap_err();
        assert!(error.to_string().contains("/dev/full"), "{error}");
        assert!(put(full, "x").is_err(), "also what fits the buffer");
        assert!(fs::metadata(full).unwrap().file_type().is_char_device());
        put(Path::new("/dev/null"), "x").unwrap();
    }
}
