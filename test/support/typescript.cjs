const { createHash } = require('node:crypto');
const { transformSync, version } = require('esbuild');

const OPTIONS = {
  loader: 'ts',
  format: 'cjs',
  platform: 'node',
  target: 'es2022',
  // Convert `import()` to `require()`, because jest supports `import()` in CommonJS modules only with a Node.js flag.
  supported: { 'dynamic-import': false },
  sourcemap: 'external',
};

module.exports = {
  /** @param {string} source @param {string} sourcefile */
  process(source, sourcefile) {
    const { code, map } = transformSync(source, { ...OPTIONS, sourcefile });
    return { code, map };
  },

  /** @param {string} source @param {string} sourcefile */
  getCacheKey: (source, sourcefile) =>
    createHash('sha256')
      .update([version, JSON.stringify(OPTIONS), sourcefile, source].join('\0'))
      .digest('hex'),
};
