/** What clicks, strokes and hovering on the heart do to the state. */

import { createBrush } from "./brush.js";

/**
 * @param {import("../payload.js").Payload} payload
 * @param {import("../state.js").State} state
 * @param {{
 *   triangles: Uint32Array, paint: (mask: Uint8Array | null) => void,
 *   hovering: ReturnType<typeof import("./hovering.js").createHovering>, pixels: (distance: number) => number,
 * }} heart
 */
export function createActs(payload, state, { triangles, paint, hovering, pixels }) {
  const brush = createBrush(payload, triangles, state, paint);
  const place = ({ vertex, point }) => {
    const region = payload.meta.regions[payload.arrays.region[vertex]];
    return { vertex, point, region };
  };
  const show = (hit, event) => hovering.show(state.get(), hit, event, hit ? pixels(hit.distance) : 0);
  return {
    strokes: () => state.get().tool === "brush",
    click(hit) {
      const { tool } = state.get();
      if (tool === "segment" && hit) brush.segment(hit.vertex);
      else if (tool === "look") state.set({ pick: hit && place(hit) });
    },
    hover(hit, event) {
      show(hit, event);
      state.set({ hover: hit && { ...place(hit), value: hovering.valueAt(state.get(), hit.vertex) } });
    },
    start: brush.start,
    move(hit, event) {
      brush.move(hit);
      show(hit, event);
    },
    end: brush.end,
  };
}
