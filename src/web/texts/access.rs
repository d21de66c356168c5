//! Words of the pages of accounts, tokens, paired phones and the access log.

use crate::store::Role;

/// The words in one language.
#[derive(Debug)]
pub struct AccessTexts {
    /// One's own account.
    pub account: &'static str,
    /// Accounts of all.
    pub users: &'static str,
    /// Paired phones.
    pub phones: &'static str,
    /// What paired phones are for.
    pub phones_more: &'static str,
    /// No phone yet, with the next step.
    pub phones_none: &'static str,
    /// Field: a phone's name.
    pub phone_name: &'static str,
    /// A phone's name is missing or too long.
    pub bad_phone_name: &'static str,
    /// Button: a code for another phone.
    pub pair_new: &'static str,
    /// Paired since when.
    pub paired_since: fn(&str) -> String,
    /// The code is good until when.
    pub code_until: fn(&str) -> String,
    /// Column: by whom.
    pub made_by: &'static str,
    /// Column: accounts locked on the phone.
    pub locked: &'static str,
    /// Button: unlock.
    pub unlock: &'static str,
    /// Button: withdraw a phone.
    pub withdraw: &'static str,
    /// Title: a pairing code.
    pub pair_code: &'static str,
    /// What to do with a pairing code.
    pub pair_code_more: &'static str,
    /// Title: pair the phone on which the page is open.
    pub pair_here: &'static str,
    /// What pairing does.
    pub pair_here_more: &'static str,
    /// Field: pairing code.
    pub code: &'static str,
    /// The code is wrong or too old.
    pub bad_code: &'static str,
    /// Title: sign in by PIN.
    pub pin_sign_in: &'static str,
    /// Label of the phone's name.
    pub on_phone: &'static str,
    /// Field: one's name.
    pub choose_name: &'static str,
    /// A PIN.
    pub pin: &'static str,
    /// Field: PIN.
    pub pin_digits: &'static str,
    /// A wrong PIN, saying nothing about which part was wrong.
    pub pin_refused: &'static str,
    /// The account is locked on this phone.
    pub pin_locked: &'static str,
    /// This phone is not paired.
    pub not_paired: &'static str,
    /// No crew has a PIN.
    pub no_names: &'static str,
    /// Link: by password instead.
    pub by_password: &'static str,
    /// What to do with a PIN.
    pub pin_more: &'static str,
    /// Button: give a PIN.
    pub give_pin: &'static str,
    /// The account has a PIN.
    pub has_pin: &'static str,
    /// A password given for one sign-in.
    pub first_password: &'static str,
    /// What to do with it.
    pub first_password_more: &'static str,
    /// Button: give a password.
    pub give_password: &'static str,
    /// What resetting does.
    pub give_password_more: &'static str,
    /// Warns that a secret is shown once.
    pub shown_once: &'static str,
    /// Link: go on.
    pub go_on: &'static str,
    /// Button and title: add an account.
    pub add: &'static str,
    /// Heading: roles.
    pub roles: &'static str,
    /// Heading: hamlets.
    pub areas: &'static str,
    /// What limits mean.
    pub areas_more: &'static str,
    /// Column: last sign-in.
    pub last_sign_in: &'static str,
    /// Column: what must be known.
    pub note: &'static str,
    /// The account is disabled.
    pub disabled: &'static str,
    /// The owner has not chosen a password yet.
    pub waits_for_password: &'static str,
    /// The account has neither password nor PIN.
    pub tokens_only: &'static str,
    /// A name that cannot be used.
    pub bad_name: &'static str,
    /// The name is taken.
    pub name_taken: &'static str,
    /// No usable role was ticked.
    pub no_role: &'static str,
    /// A visitor without a hamlet.
    pub no_area: &'static str,
    /// The last administrator.
    pub last_admin: &'static str,
    /// Button: save roles.
    pub save_roles: &'static str,
    /// Button: disable.
    pub disable: &'static str,
    /// What disabling does.
    pub disable_more: &'static str,
    /// Button: enable.
    pub enable: &'static str,
    /// When it was made.
    pub created: &'static str,
    /// Heading: what was changed.
    pub changes: &'static str,
    /// Done: roles.
    pub done_roles: &'static str,
    /// Done: disabled.
    pub done_disabled: &'static str,
    /// Done: enabled.
    pub done_enabled: &'static str,
    /// Done: password.
    pub done_password: &'static str,
    /// Done: sessions.
    pub done_sessions: &'static str,
    /// Asks for an own password.
    pub must_choose: &'static str,
    /// Heading and button: change password.
    pub change_password: &'static str,
    /// Field: old password.
    pub old_password: &'static str,
    /// Field: new password.
    pub new_password: &'static str,
    /// Field: again.
    pub new_again: &'static str,
    /// The two differ.
    pub not_twice: &'static str,
    /// The new one is the old one or too long.
    pub same_password: &'static str,
    /// Too short.
    pub short_password: &'static str,
    /// The old password is wrong.
    pub wrong_old: &'static str,
    /// Heading: sessions.
    pub sessions: &'static str,
    /// Column: browser or phone.
    pub session_from: &'static str,
    /// A browser that says nothing of itself.
    pub unknown_browser: &'static str,
    /// Column: since.
    pub since: &'static str,
    /// Column: last used.
    pub last_used: &'static str,
    /// The session that asks.
    pub this_session: &'static str,
    /// Button: end a session.
    pub end: &'static str,
    /// Button: end all others.
    pub end_others: &'static str,
    /// Changes need a password.
    pub by_password_only: &'static str,
    /// Heading: language and theme.
    pub choices: &'static str,
    /// Heading and link: tokens.
    pub tokens: &'static str,
    /// What tokens are for.
    pub tokens_more: &'static str,
    /// No token yet.
    pub tokens_none: &'static str,
    /// A token.
    pub token: &'static str,
    /// What to do with a token.
    pub token_more: &'static str,
    /// Field: what it is for.
    pub token_name: &'static str,
    /// The name is missing or too long.
    pub bad_token_name: &'static str,
    /// Field: days.
    pub days: &'static str,
    /// Days out of range.
    pub bad_days: &'static str,
    /// Reads only.
    pub read_only: &'static str,
    /// Box: reads only.
    pub read_only_tick: &'static str,
    /// Button: make a token.
    pub make_token: &'static str,
    /// Column: what it carries.
    pub scope: &'static str,
    /// All roles of the account.
    pub all_roles: &'static str,
    /// Column: expires.
    pub expires: &'static str,
    /// Never.
    pub never_expires: &'static str,
    /// Over.
    pub expired: &'static str,
    /// Button: revoke.
    pub revoke: &'static str,
    /// Heading and link: access log.
    pub log: &'static str,
    /// What the access log is.
    pub log_more: &'static str,
    /// No look fits.
    pub log_none: &'static str,
    /// A look at every household.
    pub log_everybody: &'static str,
    /// What can be looked at: its word in the log, and its name.
    pub looks: &'static [(&'static str, &'static str)],
    /// Field: household.
    pub household: &'static str,
    /// Field: from.
    pub from_day: &'static str,
    /// Field: to.
    pub to_day: &'static str,
    /// Column: when.
    pub at: &'static str,
    /// Column: by whom.
    pub by: &'static str,
    /// Column: what.
    pub what: &'static str,
    /// Column: at what.
    pub subject: &'static str,
    /// Column: rows.
    pub rows: &'static str,
    /// Link: as a file.
    pub as_file: &'static str,
    /// Short names of the roles: crew, visitor, officer, admin, viewer.
    pub role_names: [&'static str; 5],
    /// And what each may.
    pub role_labels: [&'static str; 5],
}

impl AccessTexts {
    /// Vietnamese.
    pub const VI: Self = Self {
        account: "Tài khoản",
        users: "Người dùng",
        phones: "Điện thoại",
        phones_more: "Tổ thu gom đăng nhập bằng mã PIN 6 số, chỉ trên điện thoại đã ghép ở đây. Sai 5 lần thì tài khoản đó bị khóa trên máy đó. Mất máy thì thu hồi ngay: máy bị đăng xuất.",
        phones_none: "Chưa ghép điện thoại nào. Đặt tên cho máy ở trên, rồi quét mã bằng chính máy đó.",
        phone_name: "Tên máy (ví dụ: Tổ 1)",
        bad_phone_name: "Hãy đặt tên cho máy, tối đa 60 ký tự.",
        pair_new: "Tạo mã ghép máy",
        paired_since: |at| format!("Đã ghép từ {at}"),
        code_until: |at| format!("Chờ ghép, mã dùng được đến {at}"),
        made_by: "Người tạo",
        locked: "Đang bị khóa",
        unlock: "Mở khóa",
        withdraw: "Thu hồi",
        pair_code: "Mã ghép điện thoại",
        pair_code_more: "Mở camera trên điện thoại của tổ thu gom và quét hình này, hoặc mở địa chỉ dưới đây trên máy đó. Mã dùng được một lần, trong 10 phút.",
        pair_here: "Ghép điện thoại này",
        pair_here_more: "Sau khi ghép, tổ thu gom đăng nhập trên máy này bằng tên và mã PIN. Chỉ ghép máy của tổ.",
        code: "Mã ghép",
        bad_code: "Mã không đúng, đã dùng hoặc đã quá 10 phút. Xin mã mới ở trang Điện thoại.",
        pin_sign_in: "Đăng nhập bằng mã PIN",
        on_phone: "Máy",
        choose_name: "Bạn là ai?",
        pin: "Mã PIN",
        pin_digits: "Mã PIN (6 số)",
        pin_refused: "Tên hoặc mã PIN chưa đúng.",
        pin_locked: "Sai quá 5 lần: tài khoản bị khóa trên máy này. Nhờ cán bộ mở khóa ở trang Điện thoại, hoặc cấp mã PIN mới.",
        not_paired: "Máy này chưa được ghép, hoặc đã bị thu hồi. Cán bộ tạo mã ở trang Điện thoại, rồi quét mã bằng máy này.",
        no_names: "Chưa có ai trong tổ thu gom được cấp mã PIN. Quản trị viên cấp ở trang Người dùng.",
        by_password: "Đăng nhập bằng mật khẩu",
        pin_more: "Đưa mã này cho người dùng. Chỉ dùng được trên điện thoại đã ghép. Mã không hiện lại; mất thì cấp mã mới.",
        give_pin: "Cấp mã PIN mới",
        has_pin: "Đang có mã PIN; mã mới thay mã cũ và mở khóa trên mọi máy.",
        first_password: "Mật khẩu dùng một lần",
        first_password_more: "Đưa mật khẩu này cho người dùng. Khi đăng nhập, họ phải đặt mật khẩu của riêng mình trước khi làm việc khác. Mật khẩu không hiện lại.",
        give_password: "Đặt lại mật khẩu",
        give_password_more: "Mật khẩu cũ hết hiệu lực, mọi phiên đăng nhập bị kết thúc.",
        shown_once: "Chỉ hiện một lần này.",
        go_on: "Xong, quay lại",
        add: "Thêm người dùng",
        roles: "Vai trò",
        areas: "Giới hạn theo thôn",
        areas_more: "Người tới thăm hộ phải có ít nhất một thôn. Cán bộ không chọn thôn nào thì làm cả xã.",
        last_sign_in: "Đăng nhập gần nhất",
        note: "Ghi chú",
        disabled: "Đã tắt",
        waits_for_password: "Chưa đặt mật khẩu riêng",
        tokens_only: "Không có mật khẩu",
        bad_name: "Tên chỉ gồm 1–64 ký tự a-z 0-9 . _ -",
        name_taken: "Tên này đã có người dùng. Chọn tên khác.",
        no_role: "Chọn ít nhất một vai trò.",
        no_area: "Vai trò tới thăm hộ cần ít nhất một thôn.",
        last_admin: "Đây là quản trị viên cuối cùng còn đăng nhập được. Cấp vai trò quản trị cho người khác trước.",
        save_roles: "Lưu vai trò",
        disable: "Tắt tài khoản",
        disable_more: "Không đăng nhập được nữa, thẻ API ngừng hoạt động, các phiên kết thúc. Việc đã ghi vẫn giữ tên người này.",
        enable: "Mở lại tài khoản",
        created: "Tạo lúc",
        changes: "Thay đổi đã ghi",
        done_roles: "Đã lưu vai trò.",
        done_disabled: "Đã tắt tài khoản.",
        done_enabled: "Đã mở lại tài khoản.",
        done_password: "Đã đổi mật khẩu; các phiên khác đã kết thúc.",
        done_sessions: "Đã kết thúc phiên.",
        must_choose: "Mật khẩu này do người khác cấp. Hãy đặt mật khẩu của riêng bạn để tiếp tục.",
        change_password: "Đổi mật khẩu",
        old_password: "Mật khẩu hiện tại",
        new_password: "Mật khẩu mới (ít nhất 8 ký tự)",
        new_again: "Nhập lại mật khẩu mới",
        not_twice: "Hai lần nhập mật khẩu mới không giống nhau.",
        same_password: "Mật khẩu mới phải khác mật khẩu hiện tại, tối đa 256 byte.",
        short_password: "Mật khẩu mới cần ít nhất 8 ký tự.",
        wrong_old: "Mật khẩu hiện tại chưa đúng.",
        sessions: "Phiên đang mở",
        session_from: "Từ",
        unknown_browser: "Không rõ",
        since: "Từ lúc",
        last_used: "Dùng gần nhất",
        this_session: "phiên này",
        end: "Kết thúc",
        end_others: "Kết thúc mọi phiên khác",
        by_password_only: "Muốn thay đổi, hãy đăng nhập bằng mật khẩu.",
        choices: "Ngôn ngữ và giao diện",
        tokens: "Thẻ API",
        tokens_more: "Để chương trình đọc hoặc ghi thay bạn, không quá quyền của bạn. Gửi trong đầu mục Authorization: Bearer.",
        tokens_none: "Chưa có thẻ nào.",
        token: "Thẻ API",
        token_more: "Chép vào cấu hình của chương trình. Thẻ không hiện lại; lộ thì thu hồi và tạo thẻ khác.",
        token_name: "Dùng để làm gì",
        bad_token_name: "Ghi thẻ dùng để làm gì, tối đa 60 ký tự.",
        days: "Hết hạn sau (ngày, tối đa 366)",
        bad_days: "Số ngày từ 1 đến 366.",
        read_only: "chỉ đọc",
        read_only_tick: "Chỉ đọc, không ghi",
        make_token: "Tạo thẻ",
        scope: "Phạm vi",
        all_roles: "mọi vai trò của tài khoản",
        expires: "Hết hạn",
        never_expires: "Không hết hạn",
        expired: "Đã hết hạn",
        revoke: "Thu hồi",
        log: "Nhật ký xem hộ",
        log_more: "Mỗi lần ai đó xem danh sách hoặc hồ sơ hộ đều được ghi: ai, lúc nào, xem gì, bao nhiêu dòng. Nhật ký chỉ thêm, không sửa, không xóa.",
        log_none: "Không có lượt xem nào khớp.",
        log_everybody: "(mọi hộ trong xã)",
        looks: &[
            ("states", "Danh sách hộ"),
            ("evidence", "Hồ sơ một hộ"),
            ("names", "Phiếu có tên hộ"),
            ("pickups", "Lần giao rác"),
            ("register", "Danh sách trong sổ"),
            ("register row", "Một dòng trong sổ"),
            ("register export", "Xuất tệp"),
            ("register faults", "Lỗi của sổ"),
            ("file preview", "Xem trước tệp"),
            ("proposal", "Việc chờ người thứ hai"),
            ("audit", "Kiểm tra mẫu"),
            ("round", "Lượt thu gom trên điện thoại"),
            ("reports", "Báo cáo của tổ thu gom"),
            ("photo", "Ảnh"),
        ],
        household: "Mã hộ",
        from_day: "Từ ngày",
        to_day: "Đến ngày",
        at: "Lúc",
        by: "Người làm",
        what: "Việc",
        subject: "Xem gì",
        rows: "Số dòng",
        as_file: "Tải CSV",
        role_names: ["tổ thu gom", "thăm hộ", "cán bộ", "quản trị", "người xem"],
        role_labels: [
            "Tổ thu gom: chuyến, lượt giao rác, phát hiện",
            "Thăm hộ (trưởng thôn, Hội Phụ nữ, Mặt trận): hộ trong thôn của mình",
            "Cán bộ: số liệu, danh bạ, chốt tháng",
            "Quản trị: người dùng, thiết bị, nhật ký",
            "Người xem: trạng thái hộ, không có tên",
        ],
    };

    /// English.
    pub const EN: Self = Self {
        account: "Account",
        users: "Users",
        phones: "Phones",
        phones_more: "Crews sign in by a PIN of six digits, on phones paired here only. Five wrong tries lock that account on that phone. When a phone is lost, withdraw it at once: it is signed out.",
        phones_none: "No phone is paired yet. Name one above, then scan the code with that phone.",
        phone_name: "Name of the phone (for example: Crew 1)",
        bad_phone_name: "Name the phone, in at most 60 characters.",
        pair_new: "Make a pairing code",
        paired_since: |at| format!("Paired since {at}"),
        code_until: |at| format!("Waiting; the code is good until {at}"),
        made_by: "Made by",
        locked: "Locked",
        unlock: "Unlock",
        withdraw: "Withdraw",
        pair_code: "Pairing code",
        pair_code_more: "Point the crew's phone at this picture, or open the address below on it. The code works once, for 10 minutes.",
        pair_here: "Pair this phone",
        pair_here_more: "Once paired, crews sign in on this phone by name and PIN. Pair phones of the crews only.",
        code: "Pairing code",
        bad_code: "The code is wrong, used or older than 10 minutes. Ask for a new one on the page of phones.",
        pin_sign_in: "Sign in by PIN",
        on_phone: "Phone",
        choose_name: "Who are you?",
        pin: "PIN",
        pin_digits: "PIN (6 digits)",
        pin_refused: "Name or PIN is not right.",
        pin_locked: "Five wrong tries: the account is locked on this phone. An officer unlocks it on the page of phones, or gives a new PIN.",
        not_paired: "This phone is not paired, or was withdrawn. An officer makes a code on the page of phones; scan it with this phone.",
        no_names: "No crew member has a PIN yet. An administrator gives them on the page of users.",
        by_password: "Sign in by password",
        pin_more: "Hand it to its owner. It works on paired phones only. It is not shown again; when lost, give another.",
        give_pin: "Give a new PIN",
        has_pin: "There is a PIN; a new one replaces it and unlocks every phone.",
        first_password: "One-time password",
        first_password_more: "Hand it to its owner, who must choose a password of their own at sign-in before anything else. It is not shown again.",
        give_password: "Reset the password",
        give_password_more: "The old password stops working, and every session ends.",
        shown_once: "Shown this once.",
        go_on: "Done, go back",
        add: "Add a user",
        roles: "Roles",
        areas: "Limited to hamlets",
        areas_more: "A visitor needs at least one hamlet. An officer with none works on the whole commune.",
        last_sign_in: "Last sign-in",
        note: "Note",
        disabled: "Disabled",
        waits_for_password: "Has not chosen a password",
        tokens_only: "No password",
        bad_name: "A name has 1-64 of a-z 0-9 . _ -",
        name_taken: "The name is taken. Choose another.",
        no_role: "Tick at least one role.",
        no_area: "The visitor's role needs at least one hamlet.",
        last_admin: "This is the last administrator who can sign in. Give another user the role first.",
        save_roles: "Save roles",
        disable: "Disable",
        disable_more: "No sign-in any more, API tokens rest, sessions end. What was recorded keeps this name.",
        enable: "Enable",
        created: "Made",
        changes: "Changes on record",
        done_roles: "Roles saved.",
        done_disabled: "The account is disabled.",
        done_enabled: "The account is enabled.",
        done_password: "The password is changed; other sessions have ended.",
        done_sessions: "Ended.",
        must_choose: "This password was given by somebody else. Choose your own to go on.",
        change_password: "Change the password",
        old_password: "Current password",
        new_password: "New password (at least 8 characters)",
        new_again: "New password again",
        not_twice: "The two new passwords differ.",
        same_password: "The new password must differ from the current one, and have at most 256 bytes.",
        short_password: "The new password needs at least 8 characters.",
        wrong_old: "The current password is not right.",
        sessions: "Open sessions",
        session_from: "From",
        unknown_browser: "Unknown",
        since: "Since",
        last_used: "Last used",
        this_session: "this one",
        end: "End",
        end_others: "End all others",
        by_password_only: "To change anything, sign in by password.",
        choices: "Language and theme",
        tokens: "API tokens",
        tokens_more: "For programs that read or write for you, with no more than you may. Sent as Authorization: Bearer.",
        tokens_none: "No token yet.",
        token: "API token",
        token_more: "Copy it into the program's settings. It is not shown again; when it leaks, revoke it and make another.",
        token_name: "What it is for",
        bad_token_name: "Say what the token is for, in at most 60 characters.",
        days: "Expires after (days, at most 366)",
        bad_days: "Days from 1 to 366.",
        read_only: "read only",
        read_only_tick: "Read only, no writing",
        make_token: "Make a token",
        scope: "Scope",
        all_roles: "all roles of the account",
        expires: "Expires",
        never_expires: "Never",
        expired: "Expired",
        revoke: "Revoke",
        log: "Access log",
        log_more: "Each look at a list or file of households is on record: who, when, at what, how many rows. Entries are added and never changed or deleted.",
        log_none: "No look fits.",
        log_everybody: "(every household of the commune)",
        looks: &[
            ("states", "List of households"),
            ("evidence", "One household's evidence"),
            ("names", "Sheet with names"),
            ("pickups", "Pickups"),
            ("register", "List of the register"),
            ("register row", "One row of the register"),
            ("register export", "Export"),
            ("register faults", "Faults of the register"),
            ("file preview", "Preview of a file"),
            ("proposal", "Act that waits for a second person"),
            ("audit", "Audit"),
            ("round", "Round on a phone"),
            ("reports", "Crew reports"),
            ("photo", "Picture"),
        ],
        household: "Household",
        from_day: "From",
        to_day: "To",
        at: "When",
        by: "By",
        what: "What",
        subject: "At what",
        rows: "Rows",
        as_file: "CSV file",
        role_names: ["crew", "visitor", "officer", "admin", "viewer"],
        role_labels: [
            "Crew: rounds, pickups, findings",
            "Visitor (hamlet head, Women's Union, Fatherland Front): households of own hamlets",
            "Officer: figures, register, closing the month",
            "Admin: users, devices, logs",
            "Viewer: household states without names",
        ],
    };

    /// Names a role.
    pub const fn role_name(&self, role: Role) -> &'static str {
        self.role_names[place(role)]
    }

    /// Names a role with what it may.
    pub const fn role_label(&self, role: Role) -> &'static str {
        self.role_labels[place(role)]
    }
}

const fn place(role: Role) -> usize {
    match role {
        Role::Crew => 0,
        Role::Visitor => 1,
        Role::Officer => 2,
        Role::Admin => 3,
        Role::Viewer => 4,
    }
}
