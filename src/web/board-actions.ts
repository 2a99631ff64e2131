/** What a person may do in Bull Board, by method and route of its API, in the words of the record. */
const allowed: Readonly<Record<string, string>> = {
  "put /api/queues/pause": "pause all queues",
  "put /api/queues/resume": "resume all queues",
  "post /api/queues/:queueName/add": "add job",
  "put /api/queues/:queueName/retry/:queueStatus": "retry all jobs",
  "put /api/queues/:queueName/promote": "promote all jobs",
  "put /api/queues/:queueName/clean/:queueStatus": "clean jobs",
  "put /api/queues/:queueName/pause": "pause queue",
  "put /api/queues/:queueName/resume": "resume queue",
  "put /api/queues/:queueName/concurrency": "set concurrency",
  "put /api/queues/:queueName/rate-limit": "set rate limit",
  "put /api/queues/:queueName/rate-limit/release": "release rate limit",
  "put /api/queues/:queueName/empty": "empty queue",
  "put /api/queues/:queueName/:jobId/retry": "retry job",
  "put /api/queues/:queueName/:jobId/clean": "remove job",
  "put /api/queues/:queueName/:jobId/promote": "promote job",
  "patch /api/queues/:queueName/:jobId/delay": "change delay",
  "patch /api/queues/:queueName/:jobId/priority": "change priority",
};

/** What is refused to everybody, and why. */
const refused: Readonly<Record<string, string>> = {
  "patch /api/queues/:queueName/:jobId/update-data":
    "the data of a job is the record of what was asked; add another job instead",
  "put /api/queues/:queueName/obliterate":
    "this would take running heals and the record of past ones with it; clean or empty the queue instead",
};

/** Whether Bull Board may do something that changes a queue: in which words it is recorded, or why not. */
type BoardAction = { readonly action: string } | { readonly refusal: string };

/** The action of a route; what is not listed is refused, so that a newer Bull Board brings no new powers unseen. */
export function boardAction({ method, route }: { method: string; route: string }): BoardAction {
  const key = `${method} ${route}`;
  const action = allowed[key];
  if (action !== undefined) return { action };
  return { refusal: refused[key] ?? "healq does not use this, so it is switched off" };
}
