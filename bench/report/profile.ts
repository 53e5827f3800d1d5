import type { Variant } from '../benchmark';
import type { Shares } from '../profile';

/** One row combines the packages that stay below this share in every variant. */
const MIN_SHARE = 0.02;

export async function profileTable(shares: ReadonlyMap<Variant, Shares>): Promise<string> {
  const { markdownTable } = await import('markdown-table');
  const variants = [...shares.keys()];
  const share = (variant: Variant, owner: string) => shares.get(variant)?.get(owner) ?? 0;
  const most = (owner: string) => Math.max(...variants.map(variant => share(variant, owner)));
  const owners = [...new Set([...shares.values()].flatMap(of => [...of.keys()]))];
  const shown = owners
    .filter(owner => most(owner) >= MIN_SHARE)
    .sort((one, other) => most(other) - most(one));
  const rest = owners.filter(owner => !shown.includes(owner));
  const percent = (value: number) => `${(value * 100).toFixed(0)} %`;
  return markdownTable(
    [
      ['whose code', ...variants],
      ...shown.map(owner => [owner, ...variants.map(variant => percent(share(variant, owner)))]),
      [
        'others',
        ...variants.map(variant => percent(rest.reduce((sum, owner) => sum + share(variant, owner), 0))),
      ],
    ],
    { align: ['l', ...Array<string>(variants.length).fill('r')] },
  );
}
