/** The files on the phone, in memory. */
export function createFiles() {
  const contents = new Map<string, Uint8Array>()
  let made = 0
  /** A path for a new file, such as that of a picture that the user has chosen. */
  const temporaryPath = (extension: string): string => {
    made += 1
    return `wxfile://tmp_${made}${extension}`
  }
  return {
    /** The content; `undefined` if there is no such file. */
    read: (path: string): Uint8Array | undefined => contents.get(path),
    write(path: string, content: Uint8Array): void {
      contents.set(path, content)
    },
    /** Adds a temporary file, and gives its path. */
    add(content: string | Uint8Array, name = ''): string {
      const path = temporaryPath(/\.\w+$/.exec(name)?.[0] ?? '')
      contents.set(path, typeof content === 'string' ? new TextEncoder().encode(content) : content.slice())
      return path
    },
    temporaryPath,
  }
}

export type Files = ReturnType<typeof createFiles>
