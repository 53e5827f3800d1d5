import js from '@eslint/js';
import markdown from '@eslint/markdown';
import globals from 'globals';
import tseslint from 'typescript-eslint';

/** Words that readers with English as a second language may not know, or that have a plainer form. */
const UNPLAIN = [
  'a word of, albeit, as it were, audience, be it, be they, befall, betwixt, by and by, dearer',
  'ere, fate, for ever, for want of, forthwith, heard, henceforth, hereof, heretofore, hitherto',
  'house, in vain, lest, naught, no use, no word of, nobody listens, nor is, nor was, nought',
  'of ours, of theirs, rooms, save for, tell of, tells of, thence, there and then, therein',
  'thereof, thereupon, to wit, told, unawares, whence, wherein, whereof, whereupon, whilst',
  'whosoever',
].flatMap(line => line.split(', '));

export default tseslint.config(
  { ignores: ['dist/', 'viewer/dist/', 'node_modules/', 'coverage/', '.cache/'] },
  // Their types are not installed here. Their tests compile them.
  { ignores: ['examples/nestjs/src/', 'examples/nextjs/'] },
  {
    files: ['**/*.md'],
    plugins: { markdown },
    language: 'markdown/gfm',
    rules: {
      'no-restricted-syntax': [
        'error',
        ...UNPLAIN.map(words => ({
          selector: `text[value=/\\b${words.replaceAll(' ', '\\s+')}\\b/i]`,
          message: `Use plainer words than "${words}".`,
        })),
      ],
    },
  },
  {
    files: ['src/**'],
    rules: { 'no-warning-comments': ['error', { terms: UNPLAIN, location: 'anywhere' }] },
  },
  { files: ['**/*.{js,cjs,mjs,ts}', 'src/**/*.mts'], ...js.configs.recommended },
  {
    files: ['**/*.ts', 'src/**/*.mts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { project: './tsconfig.test.json', tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
    },
  },
  {
    // The page of the viewer and the panel of the demo run in a browser.
    files: ['viewer/page/*.js', 'demo/panel.js'],
    languageOptions: { globals: globals.browser },
  },
  {
    files: ['**/*.{js,cjs,mjs}'],
    ignores: ['viewer/page/*.js', 'demo/panel.js'],
    languageOptions: { globals: globals.node },
  },
);
