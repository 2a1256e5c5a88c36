export { type Caught, createCaught } from './adapters/caught.ts';
export { createGatewaySms, type GatewayOptions } from './adapters/gateway.ts';
export { createSmtpMail, type SmtpOptions } from './adapters/smtp.ts';
export { type NoticeChannel, type OrderChannel, orderChannels } from './channels.ts';
export { type Addressee, composeNotices, type Occasion } from './compose/compose-notices.ts';
export { listNotices, type NoticeFacts, noNotices, noticeFacts, noticeKey, noticesOf } from './compose/notice-facts.ts';
export type { NoticeRow } from './compose/notice-row.ts';
export { findOrders, type SenderOrder, saveOrders } from './compose/orders.ts';
export {
  cancelNotices,
  cancelNoticesOf,
  cancelNoticesToOthers,
  planNotices,
  resumeNotices,
  stepsUnderWay,
  stepsWaiting,
} from './compose/plan-notices.ts';
export { previewNotices } from './compose/preview-notice.ts';
export { oneLine } from './compose/tokens.ts';
export { type DeliveryContext, deliverDueNotices, nextNoticeDueAt } from './deliver/deliver-due-notices.ts';
export { type Pace, pacedMail, pacedSms } from './deliver/pace.ts';
export { listShipments, planShipments, shipmentId } from './deliver/shipments.ts';
export { hasFormOfMailbox, isOneMailbox } from './email-address.ts';
export {
  type AddressGone,
  type CalledOff,
  type DeliveryFailure,
  type DueNotice,
  type HandedOver,
  onCalledOff,
  onDeliveryFailed,
  onHandedOver,
  onReports,
  onShipments,
  type ShipmentNews,
  type ToldTogether,
  type WhyNot,
  whatIsToldTogether,
  whichArePointless,
} from './hooks.ts';
export { type Addresses, boardOf, leadTo, sentOf, type WhosePage } from './lead-to.ts';
export { maskAddress } from './mask-address.ts';
export { noteUsed, noteUsedOfCommon } from './note-used.ts';
export type { HandOver, Mail, MailPort, Sms, SmsPort } from './ports.ts';
export { type AttemptedNotice, listAttempted, listAttemptedWith } from './store/attempt.ts';
export { listFailingOfSenders, listGoneOrWaiting } from './store/failing.ts';
export { type Gateway, readGateways } from './store/gateway.ts';
export type { StoredNotice } from './store/notice.ts';
export { listWaitingMails } from './store/notice.ts';
export type { CustomRecipient, StoredOrder } from './store/order.ts';
export type { DeliveryReport } from './store/report.ts';
export type { Shipment, StoredShipment } from './store/shipment.ts';
export { type Language, type Purpose, toGrantors, toOpeners } from './texts.ts';
