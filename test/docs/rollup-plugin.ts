/** Stands for Rollup's plugins in the examples, which are installed only for `npm run test:loaders`. */
export default (): object => ({});
