//! The source of a crate: from the registry, through cargo, into folders that may be changed.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde::Deserialize;
use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, Value};

use crate::cargo::Cargo;
use crate::catalogue::Subject;

/// A dependency added to a copy.
pub(crate) struct Dependency {
    pub(crate) name: &'static str,
    pub(crate) folder: PathBuf,
    pub(crate) features: &'static [&'static str],
}

/// Not copied: they choose another toolchain, its settings, or old versions of dependencies. Nobody who
/// depends on a crate gets the versions of its lock file, and some do not build with it.
const LEFT_OUT: [&str; 5] =
    [".cargo", "Cargo.lock", "rust-toolchain", "rust-toolchain.toml", "target"];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    manifest_path: PathBuf,
}

/// Downloads a crate, and returns the folder that cargo unpacked it to, which must not be changed.
///
/// # Errors
///
/// If the registry does not have it or cannot be reached.
pub(crate) fn fetch(subject: &Subject, work: &Path) -> Result<PathBuf> {
    let folder = work.join("fetch");
    fs::create_dir_all(folder.join("src"))?;
    fs::write(folder.join("src/lib.rs"), "")?;
    let Subject { name, version, .. } = subject;
    let manifest = format!(
        "[package]\nname = \"perprovis-fetch\"\nedition = \"2024\"\n[workspace]\n\
         [dependencies]\n{name} = \"={version}\"\n"
    );
    fs::write(folder.join("Cargo.toml"), manifest)?;
    let output = Cargo::new(&folder, work).run(&["metadata", "--quiet", "--format-version=1"])?;
    let metadata = output.lines().find(|line| line.starts_with('{')).with_context(|| {
        format!("cargo does not find {name} {version}:\n{}", output.text.trim_end())
    })?;
    let metadata: Metadata = serde_json::from_str(metadata)?;
    let package = metadata
        .packages
        .into_iter()
        .find(|package| package.name == *name && package.version == *version)
        .with_context(|| format!("the registry has no version {version} of {name}"))?;
    Ok(package.manifest_path.parent().context("a manifest is in a folder")?.to_owned())
}

/// Copies a package to `to`, as a workspace of its own, with `dependency` added.
///
/// Benchmarks are left out: many of them need a nightly compiler.
pub(crate) fn copy(from: &Path, to: &Path, dependency: Option<&Dependency>) -> Result<()> {
    if to.exists() {
        fs::remove_dir_all(to).with_context(|| format!("removes {}", to.display()))?;
    }
    copy_folder(from, to).with_context(|| format!("copies {}", from.display()))?;
    let path = to.join("Cargo.toml");
    let mut manifest: DocumentMut = fs::read_to_string(&path)?.parse()?;
    manifest.remove("bench");
    manifest.entry("workspace").or_insert(Item::Table(Table::new()));
    if let Some(dependency) = dependency {
        let dependencies = manifest.entry("dependencies").or_insert(Item::Table(Table::new()));
        dependencies[dependency.name] = Item::Value(Value::InlineTable(dependency.declaration()?));
    }
    Ok(fs::write(&path, manifest.to_string())?)
}

impl Dependency {
    fn declaration(&self) -> Result<InlineTable> {
        let folder = self.folder.to_str().context("the path of this checkout is not UTF-8")?;
        let mut table = InlineTable::new();
        table.insert("path", folder.into());
        table.insert("default-features", false.into());
        table.insert("features", self.features.iter().copied().collect::<Array>().into());
        Ok(table)
    }
}

fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        if LEFT_OUT.iter().any(|left_out| name == *left_out) {
            continue;
        }
        let (from, to) = (entry.path(), to.join(name));
        if from.is_dir() {
            copy_folder(&from, &to)?;
        } else {
            // Not `fs::copy`, which also copies that a file is read-only.
            fs::write(to, fs::read(from)?)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_stands_alone_and_has_the_dependency() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        fs::create_dir_all(from.join("src")).unwrap();
        fs::create_dir_all(from.join(".cargo")).unwrap();
        fs::write(from.join("src/lib.rs"), "fn f() {}").unwrap();
        let manifest = "[package]\nname = \"x\" # kept\n[[bench]]\nname = \"y\"\n";
        fs::write(from.join("Cargo.toml"), manifest).unwrap();

        let dependency =
            Dependency { name: "perprovis", folder: "/p".into(), features: &["enable"] };
        copy(&from, &to, Some(&dependency)).unwrap();
        let text = fs::read_to_string(to.join("Cargo.toml")).unwrap();
        for part in [
            "name = \"x\" # kept",
            "[workspace]",
            "perprovis = { path = \"/p\", default-features = false, features = [\"enable\"] }",
        ] {
            assert!(text.contains(part), "no `{part}` in {text}");
        }
        assert!(!text.contains("bench"), "{text}");
        assert_eq!(fs::read_to_string(to.join("src/lib.rs")).unwrap(), "fn f() {}");
        assert!(!to.join(".cargo").exists());
    }
}
