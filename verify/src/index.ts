/** Who is calling a back end of a mini program: what r3session says of the request's headers. */
export { type Refusal, VerifyError } from './error.js'
export type { HeadersLike } from './headers.js'
export { expressAuth, fastifyAuth, honoAuth, koaAuth } from './middlewares.js'
export type { Caller, GatewayOptions, IntrospectionOptions, Verify } from './types.js'
export { createVerifier } from './verifier.js'
