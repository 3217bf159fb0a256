import { isGoogleHost } from '../completion/service.ts';

/** What can be done about an error status, in words that fit the service: what helps with Google leads astray elsewhere. */
export function adviceFor(status: number, url: URL, { isEmulated = false } = {}): string | undefined {
  const isGoogle = isGoogleHost(url);
  switch (status) {
    case 401:
      if (isGoogle) return GOOGLE_LOGIN;
      return 'The service refuses the access token, or wants one and was sent none: give one with --auth env:NAME, where NAME is the variable that holds it';
    case 403:
      if (isGoogle || isEmulated) return GOOGLE_PERMISSION;
      return 'The service does not let the caller in: check the token, what it may do there, and any proxy or firewall on the way';
    case 404:
      if (isGoogle) return GOOGLE_PLACE;
      return 'The model or the path was not found: check --model, and --base-url, which is everything before /chat/completions';
    default:
      return undefined;
  }
}

const GOOGLE_LOGIN =
  'The access token was refused: sign in again (gcloud auth application-default login), or check the service account or the token given with --auth';
const GOOGLE_PERMISSION =
  'The account has no permission: give it the role Vertex AI User (roles/aiplatform.user) in the project, and check that the Vertex AI API and billing are enabled there';
const GOOGLE_PLACE =
  'The model or endpoint was not found: check --model, --location and --endpoint; some models are served in the location global only';
