import js from '@eslint/js';
import globals from 'globals';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist/', 'viewer/dist/', 'node_modules/', 'coverage/', '.cache/'] },
  // Their types are not installed here. Their tests compile them.
  { ignores: ['examples/nestjs/src/', 'examples/nextjs/'] },
  js.configs.recommended,
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
