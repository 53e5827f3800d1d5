/** Everything that the checks look at, gathered once. */
import { dirname, relative } from 'node:path';
import { chooseMode } from '../register/environment';
import { followLoading, type Loading } from './loading';
import { findPackage, reachablePackages, type Package } from './packages';
import { findStart, type Asked, type Start } from './start';
import { findOwnSdk, findWiring, type OwnSdk, type Wiring } from './wiring';
import { PACKAGE_NAME } from '../support/version';

export interface Program {
  readonly start: Start;
  readonly loading: Loading;
  readonly wiring: Wiring | undefined;
  readonly ownSdk: OwnSdk | undefined;
  /** This package, as the program finds it. */
  readonly own: Package | undefined;
  /** Whether `register` starts an SDK: it is asked to, and finds none that was there before. */
  readonly startsSdk: boolean;
  /** The SDK whose providers get the spans. */
  readonly sdk: Package | undefined;
  /** Without the `v`. */
  readonly nodeVersion: string;
  /** Every copy of a package that the program can get at. */
  readonly copies: (name: string) => readonly Package[];
  /** A path as it is written in a finding. */
  readonly shown: (path: string) => string;
}

export function examine(asked: Asked, nodeVersion: string): Program {
  const start = findStart(asked);
  const loading = followLoading(start);
  const wiring = findWiring(loading);
  const ownSdk = findOwnSdk(loading);
  const startsSdk =
    (wiring?.kind === 'register' || (wiring?.kind === 'inlined' && wiring.register === 'able')) &&
    chooseMode(start.environment) === 'start' &&
    (ownSdk === undefined || ownSdk.at > wiring.at);
  const own = wiring?.copy ?? findPackage(PACKAGE_NAME, dirname(start.entry));
  const loaded = loading.steps.flatMap(step => (step.kind === 'package' && step.found ? [step.found] : []));
  const all = reachablePackages([...(start.project ? [start.project] : []), ...loaded]);
  return {
    start,
    loading,
    wiring,
    ownSdk,
    own,
    startsSdk,
    sdk: startsSdk ? sdkForRegister(start, own) : ownSdk?.step.found,
    nodeVersion,
    copies: name => all.filter(each => each.name === name),
    shown: path => {
      const short = relative(start.folder, path);
      return short.startsWith('..') || short === '' ? path : short;
    },
  };
}

/** As `register` looks for it. */
function sdkForRegister(start: Start, own: Package | undefined): Package | undefined {
  const places = [...(own ? [own.folder] : []), start.folder, dirname(start.entry)];
  for (const place of places) {
    const sdk = findPackage('@opentelemetry/sdk-node', place);
    if (sdk) return sdk;
  }
  return undefined;
}
