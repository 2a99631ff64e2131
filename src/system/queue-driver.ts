// As redis-driver.ts: what is loaded late, by its name.
export { Queue } from "bullmq";
