import { channels } from "../alerts/registry.ts";
import { kinds } from "../checks/registry.ts";
import { remedies } from "../remedies/registry.ts";
import type { Registries } from "./registry.ts";

/** All kinds, remedies and channels that this version has. */
export const registries: Registries = { kinds, remedies, channels };
