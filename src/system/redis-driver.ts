// ioredis is CommonJS: bundled, an `import()` of it has no named exports. This file is what is loaded late instead.
export { Redis } from "ioredis";
