/**
 * What plugins of the reference take as functions, where kernia has a way of
 * its own: sending messages, and addresses for users who have none.
 */
import { randomBytes } from "node:crypto";

const OWN = {
  "email-otp": (send) => ({
    sendVerificationOTP: async ({ email, otp, type }) => send({ kind: `${type}-otp`, to: email, otp }),
  }),
  "magic-link": (send) => ({
    sendMagicLink: ({ email, url, token, metadata }) => send({ kind: "magic-link", to: email, url, token, metadata }),
  }),
  "phone-number": (send, given) => ({
    sendOTP: unlessOff(given.sendOTP, ({ phoneNumber, code }) => send(text("phone-number-otp", phoneNumber, code))),
    sendPasswordResetOTP: unlessOff(given.sendPasswordResetOTP, ({ phoneNumber, code }) =>
      send(text("phone-number-reset-otp", phoneNumber, code)),
    ),
    signUpOnVerification: given.signUpOnVerification && {
      getTempEmail: () => `${letters(32)}@phone-number.placeholder.invalid`,
    },
  }),
  "two-factor": (send, { otpOptions }) => ({
    otpOptions: otpOptions && {
      ...otpOptions,
      sendOTP: otpOptions.sendOTP && (({ user, otp }) => send({ kind: "two-factor-otp", to: user.email, otp })),
    },
  }),
};

/** The options of the plugin `id` as the reference takes them; `send` is given each message. */
export function withSenders(id, given, send = () => {}) {
  return { ...given, ...OWN[id]?.(send, given) };
}

const text = (kind, to, otp) => ({ kind, channel: "sms", to, otp });

const unlessOff = (given, own) => (given === false ? undefined : own);

function letters(count) {
  const alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  return Array.from(randomBytes(count), (byte) => alphabet[byte % alphabet.length]).join("");
}
