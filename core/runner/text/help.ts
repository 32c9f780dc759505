/** DESIGN §6, for a person at the appliance. */
export const HELP = `hotfix-runner: applies a module to this machine; a pool that does not prove itself is put back

  plan     --module DIR [--pool ID]... [--force] [--allow-downgrade]     what a run would do; writes nothing
  apply    --module DIR [--pool ID]... [--force] [--allow-downgrade] [--timeout SECONDS]
  rehearse --module DIR [--pool ID]... [--modify]     a run that is always put back; changes the files first
  revert   --pool ID [--run ID | --original] [--force]
  recover                                             puts back what an interrupted run left open
  status
  history  [--pool ID] [--limit NUMBER]
  history  --verify                                   whether the history is as it was written
  attach   --run ID [--after SEQ]                     the events of a run, until it ends
  serve    [--nonce TEXT]                             the desktop's side of the protocol, on stdin and stdout

  --state DIR        where backups and records lie (/var/lib/hotfix)
  --log FILE         standard log (/var/log/homeserver/update.log where that folder exists, else /var/log/hotfix.log)
  --events - | FILE  numbered events, one JSON object a line; without it standard log lines are printed
  --json             machine-readable output
  --version, --help

exit status: 0 every pool applied, unchanged or skipped   1 a pool failed and was put back   2 bad input, nothing touched
             3 a pool is degraded, a person must look     4 another run is going on          5 final closure failed`
