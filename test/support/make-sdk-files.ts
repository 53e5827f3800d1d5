import { sdkFiles } from './sdk-files';

/**
 * Jest's global setup for unit tests, and a part of the global setup for e2e tests. Sets the variable `SDK_FILES`.
 * `startProgram` passes this variable to programs, where `fixtures/bundled-sdk.cjs` reads it.
 */
export default async function make(): Promise<void> {
  process.env['SDK_FILES'] = JSON.stringify(await sdkFiles());
}
