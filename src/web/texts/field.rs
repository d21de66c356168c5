//! The words that the apps on phones share, of which a phone gets all: `{name}` stands for a value.
//!
//! # Why
//! Whole texts and no functions, unlike the other pages' words: the apps fill them in without a signal, in either language.

/// Makes the words of both languages of one list, so that none can lack a translation.
macro_rules! app_texts {
    ($(#[$of:meta])* $words:ident $($(#[$doc:meta])* $name:ident: $vi:literal, $en:literal;)+) => {
        $(#[$of])*
        #[derive(Debug, serde::Serialize)]
        pub struct $words {
            $($(#[$doc])* pub $name: &'static str,)+
        }

        impl $words {
            /// Vietnamese.
            pub const VI: Self = Self { $($name: $vi,)+ };
            /// English.
            pub const EN: Self = Self { $($name: $en,)+ };
        }
    };
}

pub(super) use app_texts;

/// Puts values into the places that a text keeps for them.
pub fn filled(text: &str, values: &[(&str, &str)]) -> String {
    values.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

app_texts! {
    /// The words that the apps share in one language.
    FieldTexts
    /// The app starts.
    loading: "Đang mở…", "Opening…";
    /// To the overview.
    home: "Về trang tổng quan", "To the overview";
    /// One screen back.
    back: "Quay lại", "Back";
    /// State of sending.
    sync: "Gửi dữ liệu", "Sending";
    /// Items that wait.
    waiting: "{n} chờ gửi", "{n} to send";
    /// Nothing waits.
    all_sent: "Đã gửi hết", "All sent";
    /// Refused items.
    refused_count: "{n} bị từ chối", "{n} refused";
    /// No signal.
    offline: "không có mạng", "no signal";
    /// Session over.
    session_ended: "cần đăng nhập lại", "sign in again";
    /// Session over, what to do.
    session_ended_more: "Phiên đăng nhập đã hết. Mọi phiếu đã ghi vẫn còn trên máy và sẽ gửi sau khi đăng nhập lại. Vẫn ghi tiếp được.", "Your session has ended. Everything logged is still on this phone and is sent once you sign in. You can go on logging.";
    /// Sign in.
    sign_in: "Đăng nhập", "Sign in";
    /// App and server do not fit.
    update_needed: "cần cập nhật", "update needed";
    /// App and server do not fit, what to do.
    update_more: "Ứng dụng trên máy khác bản của máy chủ. Các phiếu vẫn còn trên máy. Bấm cập nhật khi có mạng.", "This app is another version than the server's. Everything logged stays on the phone. Update while there is a signal.";
    /// Updates the app.
    update: "Cập nhật", "Update";
    /// A count of households.
    households: "{n}\u{a0}hộ", "{n}\u{a0}households";
    /// Progress of a round.
    progress: "{done} / {all} hộ", "{done} / {all} households";
    /// Field.
    code: "Mã hộ", "Household code";
    /// Field, hint.
    code_hint: "Số cuối mã hộ", "Last digits";
    /// Finds.
    find: "Tìm", "Find";
    /// Tab: houses left.
    tab_left: "Còn lại ({n})", "Left ({n})";
    /// Tab: houses done.
    tab_done: "Đã xong ({n})", "Done ({n})";
    /// The phone could not keep it.
    not_kept: "Máy không lưu được phiếu này (có thể hết bộ nhớ). Chưa ghi gì; hãy giải phóng bộ nhớ rồi thử lại.", "The phone could not keep this (it may be full). Nothing was logged; free some space and try again.";
    /// Takes back.
    undo: "Hoàn tác", "Undo";
    /// Reason of what is taken back.
    undo_reason: "ghi nhầm", "logged by mistake";
    /// What was taken back.
    undone: "Đã hoàn tác", "Taken back";
    /// What was taken back; takes the code.
    undone_of: "{code}: đã hoàn tác.", "{code}: taken back.";
    /// Menu.
    menu: "Khác", "More";
    /// The outbox.
    outbox: "Phiếu đã ghi", "What was logged";
    /// The outbox, explained.
    outbox_more: "Phiếu chờ gửi nằm trên máy và tự gửi khi có mạng. Gửi lại nhiều lần cũng chỉ tính một lần.", "What waits is on this phone and is sent when there is a signal. Sent twice, it counts once.";
    /// Nothing in the outbox.
    outbox_empty: "Chưa có phiếu nào.", "Nothing logged yet.";
    /// Sends now.
    send_now: "Gửi ngay", "Send now";
    /// Sent.
    sent_now: "Đã liên lạc với máy chủ.", "The server was reached.";
    /// Not sent.
    not_sent_now: "Chưa gửi được. Phiếu vẫn còn trên máy và sẽ tự gửi.", "Not sent yet. Everything is kept and sends itself.";
    /// State of an item.
    state_waiting: "chờ gửi", "to send";
    /// State of an item.
    state_sent: "đã nhận", "received";
    /// State of an item.
    state_refused: "bị từ chối", "refused";
    /// An item of another account.
    waits_for: "chờ {name} đăng nhập", "waits for {name} to sign in";
    /// What the server said.
    server_said: "Máy chủ trả lời: {text}", "The server said: {text}";
    /// Refused: what it says cannot be.
    problem_unusable: "Máy chủ không có hộ, điểm hoặc nhóm này, hoặc giờ trên máy sai.", "The server knows no such household, place or stream, or the phone's time is wrong.";
    /// Refused: not allowed.
    problem_forbidden: "Tài khoản không được ghi việc này.", "This account may not log this.";
    /// Refused: the id is used.
    problem_id_taken: "Mã phiếu đã dùng cho nội dung khác; phiếu đầu được giữ.", "The id was used for something else; the first one stays.";
    /// Kept: other version.
    problem_other_version: "Ứng dụng và máy chủ khác phiên bản; phiếu được giữ trên máy.", "App and server are of different versions; it is kept on the phone.";
    /// Refused: not understood.
    problem_bad_value: "Máy chủ không đọc được phiếu này.", "The server cannot read this.";
    /// Refused, the way out.
    refused_more: "Sửa nguyên nhân (ví dụ cán bộ thêm hộ vào danh sách) rồi gửi lại, hoặc bỏ phiếu và ghi lại cho đúng.", "Put the cause right (an officer can add the household) and send again, or drop it and log it anew.";
    /// Sends a refused item again.
    send_again: "Gửi lại", "Send again";
    /// Drops a refused item.
    forget: "Bỏ phiếu này", "Drop it";
    /// A receipt; takes the beginning of its id.
    receipt: "Biên nhận {id}", "Receipt {id}";
    /// Signs out.
    sign_out: "Đăng xuất", "Sign out";
    /// Signing out, explained.
    sign_out_more: "Đăng xuất sẽ xóa danh sách hộ, phiếu đã gửi và ứng dụng khỏi máy này.", "Signing out removes houses, sent items and the app from this phone.";
    /// Not signed out; takes the number of items.
    sign_out_refused: "Còn {n} phiếu chưa gửi hoặc bị từ chối. Gửi hoặc xử lý xong mới đăng xuất, để không mất việc đã làm.", "{n} items are not sent or were refused. Settle them first, so that no work is lost.";
    /// Not signed out: no signal.
    sign_out_offline: "Cần có mạng để đăng xuất.", "A signal is needed to sign out.";
    /// Not signed out: another app of this phone holds work.
    sign_out_other: "Ứng dụng kia trên máy này còn phiếu chưa gửi. Hãy gửi hết rồi đăng xuất.", "The other app on this phone holds items that are not sent. Send them first, then sign out.";
    /// Does not sign out.
    stay: "Ở lại", "Stay";
    /// The other language, in that language.
    other_language: "English", "Tiếng Việt";
    /// Dark theme.
    to_dark: "Nền tối", "Dark";
    /// Light theme.
    to_light: "Nền sáng", "Light";
    /// Pages of forms.
    plain_pages: "Bản đơn giản", "Plain pages";
    /// Field.
    choose_result: "Kết quả", "Result";
    /// Changes over to the app.
    to_app: "Mở ứng dụng", "Open the app";
}
