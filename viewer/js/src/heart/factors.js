/**
 * The basis as a texture and its coefficients as uniforms: a frame costs the processor one small loop
 * over columns, however many vertices there are. Modalities begin on texels of their own, so that the
 * shader can tell their sums apart.
 */

import { DataTexture, FloatType, NearestFilter, RGBAFormat } from "three";
import { columnCoefficients, mixture, perMoment, rank } from "../map.js";

const WIDTH = 2048;
const LANES = 4;
const MM2_PER_CM2 = 100;

/** Kinds of maps that the shader draws. */
export const KIND = Object.freeze({ sum: 0, deviation: 1, still: 2, none: 3, expert: 4 });

/** First texel of each modality and one past the last. */
function layout(modalities) {
  const ends = [];
  let texels = 0;
  for (const { count } of modalities) ends.push((texels += Math.ceil(count / LANES)));
  return { ends, texels };
}

/** Column of the basis to place among the texels' lanes. */
function places(payload, ends) {
  const place = new Uint32Array(rank(payload));
  payload.meta.modalities.forEach(({ first, count }, m) => {
    const start = LANES * (m ? ends[m - 1] : 0);
    for (let k = 0; k < count; k++) place[first + k] = start + k;
  });
  return place;
}

/** @param {import("../payload.js").Payload} payload */
export function createFactors(payload) {
  const { ends, texels } = layout(payload.meta.modalities);
  const place = places(payload, ends);
  const [k, v] = [rank(payload), payload.shapes.basis[0]];
  const { basis, areas } = payload.arrays;
  const texture = new DataTexture(
    new Float32Array(WIDTH * Math.ceil((v * texels) / WIDTH) * LANES), WIDTH, Math.ceil((v * texels) / WIDTH),
    RGBAFormat, FloatType,
  );
  for (let i = 0; i < v; i++) {
    const scale = areas[i] > 0 ? MM2_PER_CM2 / areas[i] : 0;
    for (let j = 0; j < k; j++) texture.image.data[i * texels * LANES + place[j]] = basis[i * k + j] * scale;
  }
  texture.minFilter = texture.magFilter = NearestFilter;
  texture.needsUpdate = true;
  const columns = new Float32Array(k);
  const lanes = new Float32Array(texels * LANES);
  const weights = new Float32Array(ends.length);
  return {
    texels,
    uniforms: {
      basis: { value: texture },
      coefficients: { value: lanes },
      ends: { value: Int32Array.from(ends) },
      weights: { value: weights },
    },
    /** Writes the coefficients of a view; cheap enough for every frame. */
    update(view) {
      columnCoefficients(payload, view, columns);
      const factor = perMoment(payload, view);
      const mix = mixture(payload, view);
      for (let j = 0; j < k; j++) lanes[place[j]] = mix.counts(j) ? columns[j] * factor : 0;
      weights.set(mix.weights);
    },
    dispose: () => texture.dispose(),
  };
}
