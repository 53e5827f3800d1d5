import { compact, counted, perSecond, seconds, whole } from './format.js';

/** Returns the short texts on an arrow: rate, errors and lag. A text is empty if there is nothing to show. */
export function arrowText({ kind, rate, errors, lag, timeLag }) {
  const behind = lag > 0 ? `lag ${compact(lag)}${timeLag > 0 ? ` · ${seconds(timeLag)}` : ''}` : 'lag 0';
  return [
    perSecond(rate),
    errors > 0 ? `✖ ${whole(errors)}` : '',
    kind === 'receive' && lag !== undefined ? behind : '',
  ];
}

/** Returns the texts of an arrow in full words, for screen readers and for the tooltip. */
export function arrowWords({ kind, from, to, total, errors, lag, timeLag, source }) {
  const verb = { send: 'sends to', receive: 'is read by', run: 'is run by' }[kind];
  return [
    `${nodeWords(from)} ${verb} ${nodeWords(to)}`,
    `${counted(total, 'message')} in total`,
    ...(errors > 0 ? [counted(errors, 'error')] : []),
    ...(lag === undefined ? [] : [`${counted(lag, 'message')} behind`]),
    ...(timeLag > 0 ? [`the oldest is ${seconds(timeLag)} old`] : []),
    ...(source === 'spans' ? ['counted from spans'] : []),
  ].join(', ');
}

/** Converts the id `topic:orders` to the text `topic orders`. */
export const nodeWords = id => id.replace(':', ' ');

export function mapTotals({ edges }) {
  const sum = (kind, what) =>
    edges.filter(edge => edge.kind === kind).reduce((total, edge) => total + (edge[what] ?? 0), 0);
  return {
    sent: sum('send', 'rate'),
    consumed: sum('receive', 'rate'),
    errors: sum('send', 'errors') + sum('receive', 'errors'),
    lag: sum('receive', 'lag'),
    timeLag: Math.max(0, ...edges.map(({ timeLag }) => timeLag ?? 0)),
  };
}
