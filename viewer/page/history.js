/** Number of seconds to keep. The server keeps the same number. */
const FRAMES_KEPT = 300;

export function makeHistory() {
  const frames = new Map();
  let ordered = [];
  return {
    add({ snapshot, frames: changed }) {
      if (snapshot) frames.clear();
      for (const frame of changed) frames.set(frame.at, frame);
      ordered = [...frames.values()].sort((a, b) => a.at - b.at).slice(-FRAMES_KEPT);
      for (const at of frames.keys()) if (at < (ordered[0]?.at ?? 0)) frames.delete(at);
    },
    /** Oldest first. */
    get frames() {
      return ordered;
    },
  };
}
