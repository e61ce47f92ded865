/** What Linux says of processes and cores, all in seconds or bytes. */
import { readdirSync, readFileSync } from 'node:fs'

/** USER_HZ, which is 100 on every Linux that Node runs on. */
const TICK = 0.01

const read = (path) => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // It has ended meanwhile.
    return undefined
  }
}

/** The fields of /proc/<pid>/stat behind the name, which may hold blanks: 0 is the state, 1 the parent. */
const statOf = (pid) => {
  const text = read(`/proc/${pid}/stat`)
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')
}

/** The process and its descendants. */
export function treeOf(pid) {
  const children = new Map()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const parent = Number(statOf(name)?.[1])
    children.set(parent, [...(children.get(parent) ?? []), Number(name)])
  }
  const visit = (one) => [one, ...(children.get(one) ?? []).flatMap(visit)]
  return visit(pid)
}

/** CPU time of a process, all its threads. Nanoseconds where the kernel counts them, else ticks. */
export function cpuOf(pid) {
  let threads
  try {
    threads = readdirSync(`/proc/${pid}/task`)
  } catch {
    return 0
  }
  const exact = threads.map((thread) => Number(read(`/proc/${pid}/task/${thread}/schedstat`)?.split(' ')[0]))
  if (exact.every((nanoseconds) => nanoseconds > 0)) return exact.reduce((sum, one) => sum + one, 0) / 1e9
  const stat = statOf(pid)
  return stat === undefined ? 0 : (Number(stat[11]) + Number(stat[12])) * TICK
}

/** CPU time of the children that have ended and were waited for. */
export const cpuOfEnded = () => {
  const stat = statOf(process.pid)
  return (Number(stat[13]) + Number(stat[14])) * TICK
}

/** How long each core was busy since the machine started, and how long its host kept it from running. */
export function cores() {
  return [...readFileSync('/proc/stat', 'utf8').matchAll(/^cpu\d+ (.*)$/gm)].map(([, fields]) => {
    const [user, nice, system, , , irq, softirq, steal = 0] = fields.split(' ').map(Number)
    // What interrupts take is the network's work for the processes that are measured.
    return { busy: (user + nice + system) * TICK, interrupts: (irq + softirq) * TICK, steal: steal * TICK }
  })
}

const memory = (pid, field) =>
  Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(read(`/proc/${pid}/status`) ?? '')?.[1] ?? 0) * 1024

/** Resident memory of a process and its descendants. */
export const residentOf = (pid) => treeOf(pid).reduce((sum, one) => sum + memory(one, 'VmRSS'), 0)

export const cpuModel = () =>
  /^model name\s*: (.+)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? 'unknown'
