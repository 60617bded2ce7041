/** What the programs of an operator's host need: its folder, and the built command. */
export interface ProgramPaths {
  readonly folder: string;
  readonly ballast: string;
}

/**
 * The programs that pages use besides ordinary ones, by name. `systemctl` and `journalctl` know one service: what the unit in
 * `/etc/systemd/system` starts, if there is one, and else the built command over the packaged config.
 */
export function operatorPrograms({ folder, ballast }: ProgramPaths): Readonly<Record<string, string>> {
  const unit = `${folder}/etc/systemd/system/ballast.service`;
  const config = `${folder}/etc/ballast/ballast.yaml`;
  const run = `${folder}/run/ballast`;
  return {
    journalctl: `#!/bin/sh\ncat ${folder}/journal\n`,
    // Without --config these look in /run/ballast, where another daemon may run.
    ballast: `#!/bin/bash
program=${folder}/npm/bin/ballast
[ -x $program ] || program=${ballast}
case "$1" in
status | guests | why | pause | resume | reserve | release | timeline) [[ " $* " == *" --config "* || " $* " == *.jsonl* ]] || set -- "$@" --socket ${run} ;;
esac
exec $program "$@"
`,
    systemctl: `#!/bin/bash
[ "\${!#}" = ballast ] || exit 0
start() {
  command=$(sed -n 's|^ExecStart=\\(${folder}.*\\) /etc/|\\1 ${folder}/etc/|p' ${unit} 2>/dev/null)
  rm -f ${run}/*.sock
  \${command:-${ballast} run --config ${config}} </dev/null >>${folder}/journal 2>&1 &
  echo $! >${folder}/pid
  until [ -S ${run}/status.sock ] && ballast status --json | grep -q '"evaluated"'; do
    kill -0 "$(cat ${folder}/pid)" || exit 1
    sleep 0.05
  done
}
stop() {
  [ -f ${folder}/pid ] || return 0
  kill "$(cat ${folder}/pid)" 2>/dev/null
  tail --pid="$(cat ${folder}/pid)" -f /dev/null
  rm -f ${folder}/pid
}
case "$*" in
"start "* | "enable --now "*) start ;;
"stop "* | "disable --now "*) stop ;;
"restart "*) stop; start ;;
"reload "*) ballast check --config ${config} && kill -HUP "$(cat ${folder}/pid)" ;;
*) echo "the tests have no systemctl $*"; exit 1 ;;
esac
`,
  };
}
