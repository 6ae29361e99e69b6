//! Reads the embedded data back, as the page does: for tests.

use super::base64::tests::decode;

/// One block, read from front to back.
pub(super) struct Block {
    bytes: Vec<u8>,
    at: usize,
    words: Vec<String>,
}

impl Block {
    /// The block of this name in a page.
    pub(super) fn of(page: &str, name: &str) -> Block {
        let tag = format!("<script type=\"application/octet-stream\" id=\"data-{name}\">");
        let (_, behind) = page.split_once(&tag).unwrap();
        let (text, _) = behind.split_once('<').unwrap();
        Block { bytes: decode(text).unwrap(), at: 0, words: Vec::new() }
    }

    pub(super) fn number(&mut self) -> u64 {
        let mut number = 0;
        for shift in (0..).step_by(7) {
            let byte = self.byte();
            number |= u64::from(byte & 127) << shift;
            if byte < 128 {
                break;
            }
        }
        number
    }

    pub(super) fn numbers<const N: usize>(&mut self) -> [u64; N] {
        std::array::from_fn(|_| self.number())
    }

    pub(super) fn float(&mut self) -> f64 {
        let bytes = self.bytes[self.at..self.at + 8].try_into().unwrap();
        self.at += 8;
        f64::from_le_bytes(bytes)
    }

    pub(super) fn text(&mut self) -> String {
        let length = self.number() as usize;
        self.at += length;
        String::from_utf8(self.bytes[self.at - length..self.at].to_vec()).unwrap()
    }

    /// Metadata as `key=value` texts, as the report displays them.
    pub(super) fn pairs(&mut self) -> Vec<String> {
        (0..self.number()).map(|_| format!("{}={}", self.word(), self.value())).collect()
    }

    pub(super) fn is_read(&self) -> bool {
        self.at == self.bytes.len()
    }

    fn byte(&mut self) -> u8 {
        self.at += 1;
        self.bytes[self.at - 1]
    }

    fn word(&mut self) -> String {
        match self.number() {
            0 => {
                let word = self.text();
                if word.len() <= 128 && self.words.len() < 4096 {
                    self.words.push(word.clone());
                }
                word
            }
            known => self.words[known as usize - 1].clone(),
        }
    }

    fn value(&mut self) -> String {
        match self.byte() {
            0 => false.to_string(),
            1 => true.to_string(),
            2 => {
                let number = self.number();
                ((number >> 1).cast_signed() ^ -(number & 1).cast_signed()).to_string()
            }
            3 => self.number().to_string(),
            4 => self.float().to_string(),
            _ => self.word(),
        }
    }
}
