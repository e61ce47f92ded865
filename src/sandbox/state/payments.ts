/** The merchant that all users of the sandbox pay. */
export const MCH_ID = '1900000109'

const PREFIX = 'order-'

/** The merchant's own number of a payment. WeChat Pay finds the payment by it, too. */
export function outTradeNoOf(transactionId: string): string {
  return PREFIX + transactionId
}

/** The transaction_id of the payment that a call names, by either number; `undefined` when it names none. */
export function transactionIn(query: Readonly<Record<string, string | undefined>>): string | undefined {
  const { transaction_id, mch_id, out_trade_no } = query
  if (transaction_id) return transaction_id
  return mch_id === MCH_ID && out_trade_no?.startsWith(PREFIX) ? out_trade_no.slice(PREFIX.length) : undefined
}
