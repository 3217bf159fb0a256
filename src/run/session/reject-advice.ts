import { PROBLEM_TABLE } from '../../answer/problem.ts';
import type { RejectAdvice } from '../../report/html/parts.ts';
import type { RejectCode } from '../record/outcome.ts';

/** What each reject code means and what helps, for reports. */
export const rejectAdvice: Readonly<Record<RejectCode, RejectAdvice>> = {
  ...PROBLEM_TABLE,
  bad_record: {
    meaning: 'The row cannot be read, has no id or one that another record has, or does not fit the prompt',
    advice: 'mend the row in the input; the message says what is wrong with it',
  },
  definition_error: {
    meaning: 'A function of the definition, its prompt or its id, failed for this record',
    advice: 'mend the function and run again with its changes accepted; the message says what it threw',
  },
  request_refused: {
    meaning: 'The service refuses the request of this record',
    advice: 'read the message of the service: the record may be too large, or a setting not allowed',
  },
  rate_limited: {
    meaning: 'Still refused for quota after the last attempt',
    advice: 'lower the requests or tokens a minute or the calls at a time, raise the quota, or allow more attempts',
  },
  service_error: {
    meaning: 'Still a server error after the last attempt',
    advice: 'check the status of the service and run these records again later',
  },
  timeout: {
    meaning: 'Still no complete answer in time after the last attempt',
    advice: 'raise the time limit of a call, lower request.maxTokens, or split the record',
  },
  network_error: {
    meaning: 'Still no connection after the last attempt',
    advice: 'check network, proxy and endpoint and run these records again',
  },
  unreadable_response: {
    meaning: 'Still a response that is no completion after the last attempt',
    advice: 'check what stands between here and the service, such as a proxy, and the base URL',
  },
  tool_error: {
    meaning: 'A handler of the tools in the definition failed',
    advice: 'mend the handler, or what it depends on, and run these records again (gleaner retry)',
  },
  too_many_tool_rounds: {
    meaning: 'The model went on calling functions',
    advice: 'raise maxToolRounds, or say in the instructions when to stop',
  },
};
