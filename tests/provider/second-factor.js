// The second step of a sign-in, for requests that ask for it by `acr_values` (OIDC Core §3.1.2.1).
import { interactionPolicy } from 'oidc-provider';

/** The authentication context class of a sign-in with both steps. */
export const TWO_FACTOR = 'urn:pixy:two-factor';

/** The code that is right for everybody, always. It is shown on the page. */
export const ONE_TIME_CODE = '123456';

/** Sign-in, second step if it is asked for, consent. */
export function interactionPolicyWithSecondFactor() {
  const { base, Check, Prompt } = interactionPolicy;
  const policy = base();
  const isMissing = ({ oidc }) => wantsTwoFactor(oidc.params) && oidc.acr !== TWO_FACTOR;
  const check = new Check('second_factor_missing', 'a second factor is required', 'login_required', isMissing);
  policy.add(new Prompt({ name: 'second_factor' }, check), 1);
  return policy;
}

function wantsTwoFactor({ acr_values: values = '' }) {
  return values.split(' ').includes(TWO_FACTOR);
}
