import { setTimeout as pause } from 'node:timers/promises';

const DEADLINE_MS = 60_000;

/** Repeats the request until the answer is complete, because traces and logs arrive in separate requests. */
export async function poll<Answer>(url: string, isComplete: (answer: Answer) => boolean): Promise<Answer> {
  const end = Date.now() + DEADLINE_MS;
  for (;;) {
    const answer = (await (await fetch(url)).json()) as Answer;
    if (isComplete(answer)) return answer;
    if (Date.now() > end) throw new Error(`${url} still answers ${JSON.stringify(answer)}`);
    await pause(50);
  }
}
