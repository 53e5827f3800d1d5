import { startProgram } from '../../support/program';

test('a line is found if written before or after the wait began', async () => {
  const program = startProgram({
    args: ['-e', 'console.log("ready 7"); process.stdin.once("data", d => console.error("got " + d))'],
  });
  const [, number] = await program.line(/ready (\d)/);
  expect(number).toBe('7');
  program.send('hello');
  await program.line('got hello');
  program.kill();
  const { code, signal } = await program.exit;
  expect({ code, signal, stdout: program.stdout }).toEqual({
    code: null,
    signal: 'SIGTERM',
    stdout: 'ready 7\n',
  });
});

test('the wait fails at once, with the output, if the program exits first', async () => {
  const program = startProgram({ args: ['-e', 'console.error("boom"); process.exit(3)'] });
  await expect(program.line('never')).rejects.toThrow(/ended \(code 3\)[^]*boom/);
  await expect(program.exit).resolves.toMatchObject({ code: 3, signal: null });
});

test('the wait fails after the deadline, with the output so far', async () => {
  const program = startProgram({ args: ['-e', 'console.log("alive"); process.stdin.resume()'] });
  await program.line('alive');
  await expect(program.line('never', 50)).rejects.toThrow(/within 50 ms[^]*alive/);
});

test('the wait and the exit fail if the executable does not exist', async () => {
  const program = startProgram({ node: '/nonexistent/node', args: ['-e', '0'] });
  await expect(program.line('anything')).rejects.toThrow(/could not be started/);
  await expect(program.exit).rejects.toThrow(/ENOENT/);
});
