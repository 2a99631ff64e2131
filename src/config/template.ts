/** A commented config to start from: it loads without problems, and runs anywhere. */
export function initTemplate(): string {
  return text;
}

const text = `# yaml-language-server: $schema=./healq.schema.json
# What healq watches and how it heals. \`healq validate\` checks this file, \`healq schema\` prints its JSON Schema.

# node: my-server              # default: the hostname; HEALQ_NODE overrides it
# redis: redis://127.0.0.1:6379/0   # without it healq runs a private redis-server of its own under stateDir
stateDir: .healq               # pids, logs, audit; relative to this file
timezone: UTC                  # of \`cron:\` schedules

defaults:                      # every target may override each of these
  every: 10s                   # whole seconds; or  cron: "0 2 * * *"
  timeout: 3s                  # of one look
  failAfter: 1                 # bad looks in a row before an incident opens; or { count: 3, of: 5 }
  recoverAfter: 1              # ok looks in a row before it may be resolved
  probation: 10s               # after a verified cure: trouble again continues the same incident
  attempts: 3                  # applications on the last rung of a ladder
  backoff: { delay: 1s, max: 60s, jitter: 0.2 }
  budget: { max: 5, per: 5m }  # applications
  breaker: { failures: 3, cooldown: 5m, reset: 1h }
  verify: { within: 30s }
  mode: auto                   # auto | dry-run | observe

limits:                        # per node
  heals: { max: 60, per: 1m }
  concurrency: 16
  maxUnhealthy: 50%            # above it inferred faults are not healed, and people are called

alerts:                        # where alerts go; channels: log, webhook, command
  log: { channel: log, from: warning }
  # chat: { channel: webhook, url: "\${CHAT_WEBHOOK}", from: critical }

targets:
  # A program that healq starts and keeps running. Replace it with your own.
  ticker:
    kind: process
    run: [sh, -c, "while :; do date >ticker.txt; sleep 2; done"]
    output: { path: ticker.txt, maxAge: 30s }   # alive, but is it working?

  # A file that must stay fresh. Curing a stale one heals its producer.
  ticker_file:
    kind: file
    path: ticker.txt
    maxAge: 1m
    failAfter: 2
    producer: ticker

  # website:
  #   kind: http
  #   url: https://example.com/health
  #   needs: [ticker]          # not healed while this is bad
  #   heal: []                 # alert only

  # backup:
  #   kind: command            # exit codes of Nagios plugins: 0 ok, 1 warning, 2 critical, 3 unknown
  #   run: [./check-backup.sh]
  #   cron: "0 * * * *"
  #   heal:
  #     command.critical: [{ exec: [./run-backup.sh] }]
`;
