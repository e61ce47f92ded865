/** Work that is under way, by name: whoever asks for it again meanwhile gets the same promise. */
export function createSingleFlight<T>() {
  const flights = new Map<string, Promise<T>>()
  return (name: string, start: () => Promise<T>): Promise<T> => {
    const flight = flights.get(name) ?? start().finally(() => flights.delete(name))
    flights.set(name, flight)
    return flight
  }
}
