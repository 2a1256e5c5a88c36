import Type from 'typebox';

/** Source: compatibility.md, correspondence, §6.5. */
export const NotificationCheck = Type.Object({ sendNotification: Type.Boolean() });
