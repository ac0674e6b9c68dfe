//! The error codes explained in Japanese. The English is in [`crate::protocol::error`].

use crate::protocol::ErrorCode;

/// What happened.
pub(super) const fn meaning_in_japanese(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::InvalidConfig => "アプリの設定に使えない値があります。",
        ErrorCode::InvalidScope => {
            "スコープに使えない文字があるか、提供元がそのスコープを知りません。"
        }
        ErrorCode::InsecureUrl => {
            "URLがhttpsではありません（このコンピューター自身のhttpを除く）。"
        }
        ErrorCode::OriginNotAllowed => {
            "許可リストにないオリジンまたはパスへアクセストークンを送ろうとしました。"
        }
        ErrorCode::DiscoveryNotFound => "提供元のディスカバリー文書が見つかりません。",
        ErrorCode::DiscoveryInvalid => "提供元のディスカバリー文書に不足や誤りがあります。",
        ErrorCode::DiscoveryIssuerMismatch => "ディスカバリー文書のissuerが設定と異なります。",
        ErrorCode::PkceNotSupported => "提供元がPKCE（S256）への対応を示していません。",
        ErrorCode::DpopNotSupported => {
            "鍵に結び付いたトークン（DPoP）が必要ですが、提供元かこのアプリのビルドが対応していません。"
        }
        ErrorCode::ParNotSupported => {
            "認可要求の事前送信（PAR）が必要ですが、提供元かこのアプリのビルドが対応していません。"
        }
        ErrorCode::ProviderNeedsSecret => {
            "この提供元は、クライアントシークレットを求めるか、ほかのオリジンに応答しないため、Webページからは使えません。"
        }
        ErrorCode::StateMissing => {
            "応答がどのサインインのものか分からず、提供元からのものかどうかも確かめられません。"
        }
        ErrorCode::StateMismatch => "応答がこのタブで始めたサインインのものではありません。",
        ErrorCode::LoginNotFound => "このタブで応答を待っているサインインはありません。",
        ErrorCode::LoginExpired => {
            "サインインが制限時間（アプリの指定がなければ10分）を過ぎました。"
        }
        ErrorCode::IssuerMismatch => "応答が別の提供元から届きました。",
        ErrorCode::IssuerMissing => "この提供元が必ず付けるはずの発行者名が応答にありません。",
        ErrorCode::DuplicateParameter => "応答に同じパラメーターが二つあります。",
        ErrorCode::CodeAndError => "応答が成功と失敗の両方を示しています。",
        ErrorCode::CodeMissing => "応答にコードもエラーもありません。",
        ErrorCode::ResponseInFragment => "応答が「#」の後ろに届きました。この方式では使えません。",
        ErrorCode::TokenInCallback => "ページのアドレスにトークンが含まれていました。",
        ErrorCode::InitiatedLoginRefused => {
            "このアプリのものではない提供元またはページへのサインインが、外部から求められました。"
        }
        ErrorCode::PopupClosed => "サインイン用のウィンドウが、終わる前に閉じられました。",
        ErrorCode::AccessDenied => "提供元でサインインが取り消されたか、拒否されました。",
        ErrorCode::InteractionRequired => {
            "提供元での操作（サインイン、アカウントの選択、同意）が必要です。"
        }
        ErrorCode::ProviderError => "提供元がサインインを拒否しました。",
        ErrorCode::InvalidTarget => {
            "トークンの対象となるAPI（resource）を提供元が知らないか、このアプリに認めていません。"
        }
        ErrorCode::ProviderUnavailable => "提供元が停止中か、混み合っています。",
        ErrorCode::TokenRequestRefused => "提供元がコードを受け付けませんでした。",
        ErrorCode::PushedRequestRefused => {
            "事前に送った認可要求（PAR）を、提供元が受け付けませんでした。"
        }
        ErrorCode::NotJson => "サーバーの応答をJSONとして読み取れません。",
        ErrorCode::InvalidResponse => "サーバーの応答に不足や誤りがあります。",
        ErrorCode::UnsupportedTokenType => "このアプリが扱えない種類のトークンが発行されました。",
        ErrorCode::DpopDowngrade => "示した鍵に結び付いていないトークンが発行されました。",
        ErrorCode::DpopNonceRefused => {
            "サーバーが証明（DPoP）にナンスを求めましたが、使えるナンスが届きません。"
        }
        ErrorCode::IdTokenMissing => "openidを求めましたが、IDトークンが届きませんでした。",
        ErrorCode::IdTokenInvalid => {
            "IDトークンの宛先、発行元、日時、または形式が正しくありません。"
        }
        ErrorCode::ClockWrong => {
            "このコンピューターの時計が合っていないため、提供元から届いたものの日時を確かめられません。"
        }
        ErrorCode::SignatureInvalid => "トークンの署名が提供元のものではありません。",
        ErrorCode::SigningKeyNotFound => {
            "トークンに署名した鍵が、提供元の公開鍵の中に見つかりません。"
        }
        ErrorCode::KeysInvalid => "提供元の公開鍵を読み取れません。",
        ErrorCode::AuthenticationInsufficient => {
            "求めた新しさ、または強さの認証が行われていません。"
        }
        ErrorCode::NonceMismatch => "IDトークンが別のサインインのものです。",
        ErrorCode::SubjectMismatch => {
            "プロフィール、更新したセッション、または繰り返す要求が、サインインした人のものではありません。"
        }
        ErrorCode::NotSignedIn => "サインインしていません。",
        ErrorCode::SessionEnded => "提供元がセッションを終了しました。",
        ErrorCode::SessionExpired => {
            "セッションの期限が切れました。続ける手段は提供元から与えられていません。"
        }
        ErrorCode::RenewalRefused => "提供元がアクセストークンを更新しませんでした。",
        ErrorCode::ApiTokenRefused => "提供元が、このAPIのアクセストークンを発行しませんでした。",
        ErrorCode::AnotherPerson => "このブラウザーの別のタブで、別の人がサインインしました。",
        ErrorCode::NoRefreshToken => {
            "リフレッシュトークンがないため、新しいアクセストークンを取得できません。"
        }
        ErrorCode::LogoutNotSupported => {
            "提供元にサインアウトのページがないか、送ることのできないIDトークンが必要です。アプリからはサインアウトしました。"
        }
        ErrorCode::SigningInAgain => {
            "サーバーがより強い認証または権限を求めたため、サインインし直します。"
        }
        ErrorCode::TokenRefused => "リソースサーバーがアクセストークンを受け付けませんでした。",
        ErrorCode::InsufficientScope => "アクセストークンではこの操作が許可されていません。",
        ErrorCode::ProfileNotAvailable => "プロフィールの取得先がありません。",
        ErrorCode::ResourceError => "リソースサーバーがエラーを返しました。",
        ErrorCode::NetworkOrCors => {
            "サーバーに接続できないか、このページからの読み取りが許可されていません（CORS）。"
        }
        ErrorCode::Timeout => "サーバーの応答が時間内に届きませんでした。",
        ErrorCode::ResponseTooLarge => "サーバーの応答が大きすぎます。",
        ErrorCode::StorageDenied => {
            "ブラウザーがこのページのデータ保存（セッションストレージ）を許可していません。"
        }
        ErrorCode::RandomUnavailable => "ブラウザーが安全な乱数を提供しません。",
        ErrorCode::CryptoUnavailable => {
            "サインインに必要な暗号機能（Web Crypto）がブラウザーにありません。"
        }
        ErrorCode::NavigationFailed => "ブラウザーが提供元のページへ移動しませんでした。",
        ErrorCode::PageInFrame => {
            "このページはフレームの中にあります。提供元のページはフレームの中では開けません。"
        }
        ErrorCode::PageInForeignFrame => {
            "このページは別のサイトのフレームの中にあり、サインインできません。提供元のページはフレームの中では開けず、フレームの保存データはウィンドウのものと分けられています。"
        }
        ErrorCode::VaultUnavailable => {
            "トークンを保管するワーカーを開始できないか、応答がなくなりました。トークンもワーカーと共に失われました。"
        }
    }
}

/// What to do. Codes that ask for the same thing share a sentence.
pub(super) const fn advice_in_japanese(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::InvalidConfig | ErrorCode::InsecureUrl => "エラーが示す設定を直してください。",
        ErrorCode::InvalidScope => {
            "提供元がこのアプリに認めているスコープを、空白一つで区切ってConfig::scopeに書いてください。"
        }
        ErrorCode::OriginNotAllowed => {
            "自分のリソースサーバーであれば、Config::allow_originまたはConfig::allow_pathで許可してください。鍵に結び付いたトークンを扱うものは、Config::allow_dpop_originまたはConfig::allow_dpop_path、専用のトークンが必要なものはConfig::allow_apiです。"
        }
        ErrorCode::DiscoveryNotFound => {
            "issuerの設定を、末尾の「/」も含めて一字一句確認してください。文書が別の場所にある場合は、Config::discovery_urlで示してください。"
        }
        ErrorCode::DiscoveryIssuerMismatch => {
            "issuerの設定を、末尾の「/」も含めて一字一句確認してください。"
        }
        ErrorCode::DiscoveryInvalid => {
            "提供元に知らせるか、Config::metadataまたはConfig::endpointsで正しいものを指定してください。"
        }
        ErrorCode::PkceNotSupported => {
            "提供元の説明書に対応と書かれていれば、Config::pkce_is_documented（ウィジェットではpkce=documented）で示してください。"
        }
        ErrorCode::DpopNotSupported => {
            "提供元でDPoPを有効にするか、Dpop::Requiredを外すか、dpopを有効にしてビルドしてください。"
        }
        ErrorCode::ParNotSupported => {
            "提供元でPARを有効にするか、Par::Requiredを外すか、parを有効にしてビルドしてください。"
        }
        ErrorCode::ProviderNeedsSecret => {
            "それ自体が認可サーバーとなるブローカー（Keycloak、Auth0、Zitadel、Logtoなど）にこの提供元をつなぎ、ブローカー経由でサインインしてください。"
        }
        ErrorCode::StateMismatch => {
            "このページからサインインし直してください。リンクをたどって来た場合は、そのリンクを信用しないでください。"
        }
        ErrorCode::StateMissing
        | ErrorCode::LoginNotFound
        | ErrorCode::DuplicateParameter
        | ErrorCode::CodeAndError
        | ErrorCode::TokenInCallback
        | ErrorCode::InteractionRequired
        | ErrorCode::NonceMismatch
        | ErrorCode::SubjectMismatch => "このページからサインインし直してください。",
        ErrorCode::LoginExpired => {
            "このページからサインインし直してください。時間が足りない人が多いアプリは、Config::login_limitで延ばせます。"
        }
        ErrorCode::IssuerMismatch => {
            "サインインし直してください。続く場合は、issuerの設定を確認してください。"
        }
        ErrorCode::IdTokenInvalid => {
            "サインインし直してください。続く場合は、issuerとclient idの設定を確認し、トークンの宛先となりうるほかのアプリをConfig::trusted_audienceで示してください。"
        }
        ErrorCode::IssuerMissing => {
            "サインインし直してください。続く場合は、発行者名を付けるよう提供元を設定してください。Keycloakでは、このクライアントの「Exclude Issuer From Authentication Response」をオフにします。"
        }
        ErrorCode::CodeMissing | ErrorCode::SignatureInvalid => {
            "サインインし直してください。続く場合は提供元に知らせてください。"
        }
        ErrorCode::ResponseInFragment => "提供元の設定でresponse_mode=queryにしてください。",
        ErrorCode::PopupClosed => {
            "もう一度サインインしてください。ウィンドウは、終わると自動的に閉じます。"
        }
        ErrorCode::AccessDenied => {
            "続けるには、もう一度サインインしてアプリの求めを許可してください。"
        }
        ErrorCode::ProviderError => {
            "提供元のコードとメッセージを読み、アプリの登録内容を確認してください。"
        }
        ErrorCode::PushedRequestRefused => {
            "提供元のコードとメッセージを読み、アプリの登録内容を確認するか、Par::Requiredを外してください。"
        }
        ErrorCode::InvalidTarget => {
            "RequestOptions::resourceまたはApi::resourceを提供元の表記どおりに書き、アプリに認められているか確認してください。"
        }
        ErrorCode::TokenRequestRefused => {
            "サインインし直してください。続く場合は、公開クライアント（秘密なし）として、このリダイレクトURIで登録されているか確認してください。"
        }
        ErrorCode::NotJson | ErrorCode::ResponseTooLarge => "URLが正しいか確認してください。",
        ErrorCode::InvalidResponse => "どの要求で起きたかを提供元に知らせてください。",
        ErrorCode::UnsupportedTokenType => "提供元の設定でBearerトークンを発行してください。",
        ErrorCode::DpopDowngrade => {
            "提供元でこのアプリのDPoPを有効にするか、Dpop::Requiredを外してください。"
        }
        ErrorCode::DpopNonceRefused => {
            "CORSでDPoP-Nonceヘッダーを公開するよう提供元に知らせるか、Dpop::Requiredを外してください。"
        }
        ErrorCode::InitiatedLoginRefused => {
            "アプリを直接開いてサインインしてください。リンクをたどって来た場合は、そのリンクを信用しないでください。自分のページから送る場合は、issuerを一字一句そろえてください。"
        }
        ErrorCode::SigningInAgain => {
            "お待ちください。まもなくページを移動します。戻った後の結果はClient::repeatedで得られます。"
        }
        ErrorCode::ClockWrong => {
            "このコンピューターの日付、時刻、タイムゾーンを合わせてから、もう一度試してください。"
        }
        ErrorCode::SessionExpired => {
            "もう一度サインインしてください。アプリがリフレッシュトークンを求めるか、Reload::AskProviderを使えば、自動で続けられます。"
        }
        ErrorCode::RenewalRefused => {
            "もう一度サインインしてください。繰り返し起こる場合は、提供元のコードと説明を読み、アプリの登録を確認してください。"
        }
        ErrorCode::ApiTokenRefused => {
            "提供元のコードとメッセージを読んでください。Config::allow_apiのresource、audience、scopeと、アプリがそのAPIを使えるかを確認し、同意が必要な場合はもう一度サインインしてください。"
        }
        ErrorCode::SessionEnded => "もう一度サインインしてください。",
        ErrorCode::AnotherPerson => "続けるには、ここでもサインインしてください。",
        ErrorCode::NoRefreshToken => {
            "Config::scopeにoffline_accessなど、提供元が求めるものを加えるか、もう一度サインインしてください。"
        }
        ErrorCode::LogoutNotSupported => {
            "Client::sign_outを使ってください。できるかどうかはSession::can_end_at_providerで前もって分かります。"
        }
        ErrorCode::IdTokenMissing => {
            "アプリをOpenID Connectとして登録するか、Config::scopeからopenidを外してください。"
        }
        ErrorCode::NotSignedIn => "先にサインインしてください。",
        ErrorCode::TokenRefused => {
            "もう一度サインインしてください。トークンの期限が切れたか、取り消された可能性があります。続く場合は、別のサーバー宛てのトークンかもしれません。宛先をRequestOptions::resourceで示すか、Config::allow_apiで専用のトークンを使ってください。"
        }
        ErrorCode::InsufficientScope => {
            "エラーが示すスコープを（SignIn::add_scopeで）求めて、もう一度サインインしてください。"
        }
        ErrorCode::ProfileNotAvailable => "Config::profile_endpointで指定してください。",
        ErrorCode::ProviderUnavailable | ErrorCode::ResourceError | ErrorCode::Timeout => {
            "しばらくしてからもう一度試してください。"
        }
        ErrorCode::NetworkOrCors => {
            "サーバーが動いているか、このページのオリジンが許可されているかを確認してください。"
        }
        ErrorCode::StorageDenied => {
            "このサイトのデータ保存（Cookieとサイトデータ）を許可してから、サインインし直してください。"
        }
        ErrorCode::SigningKeyNotFound => {
            "しばらくしてからもう一度試してください。続く場合は提供元に知らせてください。"
        }
        ErrorCode::KeysInvalid => {
            "jwks_uriが鍵の一覧（JWKS）を返すよう、提供元に知らせてください。"
        }
        ErrorCode::AuthenticationInsufficient => {
            "もう一度サインインしてください。続く場合は、提供元がacr_valuesとmax_ageに対応しているか確認するか、検査されないRequestOptions::acr_hintで求めてください。"
        }
        ErrorCode::RandomUnavailable | ErrorCode::CryptoUnavailable => {
            "最新のブラウザーで、httpsのページを開いてください。"
        }
        ErrorCode::NavigationFailed | ErrorCode::PageInForeignFrame => {
            "フレームの外の、独立したタブでページを開いてください。"
        }
        ErrorCode::PageInFrame => {
            "独立したタブでページを開いてください。同じサイトのフレームで使うアプリでは、SignIn::in_popupで別のウィンドウからサインインできます（Client::in_vaultを使わない場合）。"
        }
        ErrorCode::VaultUnavailable => {
            "ページを再読み込みしてください。続く場合は、ワーカーのスクリプトとwasmがClient::in_vaultの示す同じオリジンの場所に同じ版で置かれ、ポリシーが許しているか（ページではworker-src 'self'、スクリプト自身の応答では'wasm-unsafe-eval'）確認してください。"
        }
    }
}
