// How far apart two colours are for the eye: also for one that lacks red or green receptors.
//
// Distances are those of Björn Ottosson's Oklab (https://bottosson.github.io/posts/oklab/); what such an eye sees is
// computed as in F. Viénot, H. Brettel, J. Mollon, *Digital video colourmaps for checking the legibility of displays
// by dichromats*, 1999.

const EYES = [
  [1, 0, 0, 0, 1, 0, 0, 0, 1],
  [0.11238, 0.88762, 0, 0.11238, 0.88762, 0, 0.00401, -0.00401, 1], // protanopia
  [0.29275, 0.70725, 0, 0.29275, 0.70725, 0, -0.02234, 0.02234, 1], // deuteranopia
];
const APART = 0.045; // two areas side by side are told apart at a glance

const times = (m, [x, y, z]) => [0, 3, 6].map((row) => m[row] * x + m[row + 1] * y + m[row + 2] * z);
const LMS = [0.4122214708, 0.5363325363, 0.0514459929, 0.2119034982, 0.6806995451, 0.1073969566, 0.0883024619, 0.2817188376, 0.6299787005];
const LAB = [0.2104542553, 0.793617785, -0.0040720468, 1.9779984951, -2.428592205, 0.4505937099, 0.0259040371, 0.7827717662, -0.808675766];

function seen(hex) {
  const linear = [1, 3, 5].map((at) => {
    const part = parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return EYES.map((eye) => times(LAB, times(LMS, times(eye, linear).map((part) => Math.max(0, part))).map(Math.cbrt)));
}

const known = new Map();
function eyes(hex) {
  if (!known.has(hex)) known.set(hex, seen(hex));
  return known.get(hex);
}

// For the eye that has the most trouble with them.
export function distance(one, other) {
  const [left, right] = [eyes(one), eyes(other)];
  return Math.min(...left.map((lab, eye) => Math.hypot(...lab.map((value, at) => value - right[eye][at]))));
}

export function looksAlike(one, other) {
  return one === other || distance(one, other) < APART;
}
