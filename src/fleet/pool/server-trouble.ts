/** By the first word of what the server says: what is wrong there, which passes or somebody mends, and how. */
const TROUBLES: Record<string, string> = {
  MISCONF: 'its server cannot write to its disk; see to space and permissions there',
  OOM: 'its server has used its maxmemory up; raise it, or remove what else it keeps',
  READONLY: 'its server is a replica; use the address of the primary',
  MASTERDOWN: 'its server is a replica that has lost its primary; use the address of the primary',
  CLUSTERDOWN: 'its cluster is down; look at CLUSTER INFO',
  NOREPLICAS: 'its server has too few replicas to write; see to them, or to min-replicas-to-write',
  BUSY: 'a script of somebody else occupies its server; SCRIPT KILL ends it',
  LOADING: 'its server reads its file',
};

/** What is wrong with a server that answers and can do nothing now, in words; undefined for everything else. */
export function troubleOf(error: unknown): string | undefined {
  const word = error instanceof Error ? /^([A-Z]+) /.exec(error.message)?.[1] : undefined;
  return word === undefined ? undefined : TROUBLES[word];
}
