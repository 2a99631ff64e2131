import { runAsShipped } from "./support/as-shipped.ts";

await runAsShipped("checks");
