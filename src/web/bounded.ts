import { UnreachableError } from "../model/errors.ts";
import { refusalOf } from "../redis/refusal.ts";

/** How long Redis may take to answer a question of a page or the API, in milliseconds. */
const patience = 3_000;

/** The answer, or `UnreachableError` (503) when Redis does not give one in time: a connection that waits for Redis to come back would hang for ever. */
export async function fromRedis<T>(asked: Promise<T>, within = patience): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new UnreachableError("Redis does not answer; healq tries to bring it back")),
      within,
    );
  });
  try {
    return await Promise.race([asked, late]);
  } catch (error) {
    const refusal = isConnectionError(error) ? "Redis cannot be reached" : refusalOf(error);
    throw refusal === undefined ? error : new UnreachableError(refusal, error);
  } finally {
    clearTimeout(timer);
  }
}

/** ioredis has no class for these: a closed connection, an offline queue that is off, too many retries. */
function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ("code" in error && typeof error.code === "string" && /^(ECONN|ENOENT|EPIPE|ETIMEDOUT)/.test(error.code))
    return true;
  return /Connection is closed|enableOfflineQueue|max retries per request/i.test(error.message);
}
