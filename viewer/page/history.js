/** Number of seconds to keep. The server keeps the same number. */
const FRAMES_KEPT = 300;

/** Keeps the chart values of the last five minutes. */
export function makeHistory() {
  const frames = new Map();
  let ordered = [];
  return {
    /** Adds the chart values of an update from the server. */
    add({ snapshot, frames: changed }) {
      if (snapshot) frames.clear();
      for (const frame of changed) frames.set(frame.at, frame);
      ordered = [...frames.values()].sort((a, b) => a.at - b.at).slice(-FRAMES_KEPT);
      for (const at of frames.keys()) if (at < (ordered[0]?.at ?? 0)) frames.delete(at);
    },
    /** The stored values, oldest first. */
    get frames() {
      return ordered;
    },
  };
}
