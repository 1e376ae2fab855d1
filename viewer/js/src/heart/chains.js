/** Loose pieces of a line joined end to end, so that it can be rounded off and dashed. */

/** Ends nearer than this are one point, mm. */
const GRAIN = 1e-3;

const keyOf = (pieces, end) =>
  [0, 1, 2].map((j) => Math.round(pieces[3 * end + j] / GRAIN)).join();

/**
 * @param {ArrayLike<number>} pieces x, y, z of both ends of each piece.
 * @returns {number[][]} Points of each line, flat; a closed one ends where it began.
 */
export function chained(pieces) {
  const count = pieces.length / 6;
  const keys = Array.from({ length: 2 * count }, (_, end) => keyOf(pieces, end));
  const meeting = new Map();
  keys.forEach((key, end) => meeting.set(key, [...(meeting.get(key) ?? []), end]));
  const used = new Uint8Array(count);
  const point = (end) => [pieces[3 * end], pieces[3 * end + 1], pieces[3 * end + 2]];
  /** Goes on from an end of a piece to the piece that meets it, until none does. */
  const walk = (end, points) => {
    for (let at = end; at !== undefined; ) {
      const piece = at >> 1;
      used[piece] = 1;
      points.push(...point(at ^ 1));
      at = meeting.get(keys[at ^ 1]).find((next) => !used[next >> 1]);
    }
  };
  const lines = [];
  const start = (end) => {
    const points = point(end);
    walk(end, points);
    lines.push(points);
  };
  // Open lines begin where nothing meets them; what is left is closed.
  keys.forEach((key, end) => !used[end >> 1] && meeting.get(key).length === 1 && start(end));
  for (let piece = 0; piece < count; piece++) if (!used[piece]) start(2 * piece);
  return lines;
}

/**
 * Takes the corners off a line; open ends stay where they are.
 * @param {number[]} points Flat x, y, z.
 * @param {number} rounds How often each point moves half-way to the middle of its neighbours.
 */
export function rounded(points, rounds) {
  const n = points.length / 3;
  const closed = n > 3 && [0, 1, 2].every((j) => Math.abs(points[j] - points[3 * (n - 1) + j]) < 2 * GRAIN);
  let line = points;
  for (let round = 0; round < (n > 2 ? rounds : 0); round++) {
    const at = (i, j) => line[3 * (closed ? (i + n - 1) % (n - 1) : i) + j];
    line = line.map((value, i) => {
      const [v, j] = [Math.floor(i / 3), i % 3];
      if (!closed && (v === 0 || v === n - 1)) return value;
      return 0.5 * value + 0.25 * (at(v - 1, j) + at(v + 1, j));
    });
  }
  return line;
}

/** Lines as pieces again, in order. @param {number[][]} lines */
export function piecesOf(lines) {
  const pieces = [];
  for (const line of lines) {
    for (let i = 3; i < line.length; i += 3) pieces.push(...line.slice(i - 3, i + 3));
  }
  return pieces;
}
