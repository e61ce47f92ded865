// Stands for the package http2-wrapper in the bundle: got loads it at its start, and uses it where HTTP/2 is asked for.
export default {}
