// The embedded blocks: base64 to bytes, bytes to numbers and texts. The format is described in data.rs
// and encoder.rs.

const SIX_BITS = new Uint8Array(128);
for (const [bits, letter] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].entries()) {
  SIX_BITS[letter.charCodeAt(0)] = bits;
}

// Decodes by hand where the browser cannot: `atob` would make a second string of the same size.
export function fromBase64(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  for (let from = 0, to = 0; from < text.length; from += 4) {
    const bits = SIX_BITS[text.charCodeAt(from)] << 18 | SIX_BITS[text.charCodeAt(from + 1)] << 12
      | SIX_BITS[text.charCodeAt(from + 2)] << 6 | SIX_BITS[text.charCodeAt(from + 3)];
    bytes[to++] = bits >> 16; // what lies past the end is dropped by the array
    bytes[to++] = bits >> 8;
    bytes[to++] = bits;
  }
  return bytes;
}

// Reads a block from front to back.
export class Reader {
  #utf8 = new TextDecoder();

  constructor(bytes) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = 0;
    this.words = [];
    this.complete = false; // whether the words of the whole block are known
  }

  // As a double: exact up to 2^53, of larger ones the leading digits.
  number() {
    const { bytes } = this;
    let byte = bytes[this.at++];
    if (byte < 128) return byte;
    let value = byte & 127;
    let scale = 128;
    do {
      byte = bytes[this.at++];
      value += (byte & 127) * scale;
      scale *= 128;
    } while (byte > 127);
    return value;
  }

  // To the last digit: a number where that is one, else a BigInt.
  exact() {
    const from = this.at;
    const value = this.number();
    if (value <= Number.MAX_SAFE_INTEGER) return value;
    let big = 0n;
    for (let at = this.at - 1; at >= from; at--) big = big << 7n | BigInt(this.bytes[at] & 127);
    return big;
  }

  float() {
    const value = this.view.getFloat64(this.at, true);
    this.at += 8;
    return value;
  }

  text() {
    const length = this.number();
    this.at += length;
    return this.#utf8.decode(this.bytes.subarray(this.at - length, this.at));
  }

  // Metadata: [[key, text of the value], ...].
  pairs() {
    const pairs = [];
    for (let left = this.number(); left > 0; left--) pairs.push([this.#word(), this.#value()]);
    return pairs;
  }

  // Past the same, learning the words on the way; `pairs` can then start at any earlier place.
  skipPairs() {
    for (let left = this.number(); left > 0; left--) {
      this.#skipWord();
      const kind = this.bytes[this.at++];
      if (kind === 2 || kind === 3) this.number();
      else if (kind === 4) this.at += 8;
      else if (kind === 5) this.#skipWord();
    }
  }

  #skipWord() {
    if (this.number() > 0) return;
    const start = this.at;
    const bytes = this.number();
    if (this.#learns(bytes)) {
      this.at = start;
      this.words.push(this.text());
    } else {
      this.at += bytes;
    }
  }

  // WORD_BYTES and WORDS in encoder.rs.
  #learns(bytes) {
    return bytes <= 128 && this.words.length < 4096 && !this.complete;
  }

  #value() {
    switch (this.bytes[this.at++]) {
      case 0: return 'false';
      case 1: return 'true';
      case 2: {
        const zigzag = BigInt(this.exact());
        return String(zigzag & 1n ? -(zigzag >> 1n) - 1n : zigzag >> 1n);
      }
      case 3: return String(this.exact());
      case 4: {
        const value = this.float();
        return Number.isFinite(value) ? String(value) : Number.isNaN(value) ? 'NaN' : value > 0 ? 'inf' : '-inf';
      }
      default: return this.#word();
    }
  }

  #word() {
    const known = this.number();
    if (known > 0) return this.words[known - 1];
    const start = this.at;
    const bytes = this.number();
    this.at = start;
    const word = this.text();
    if (this.#learns(bytes)) this.words.push(word);
    return word;
  }
}
