export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Acceptance: {
            email: string;
            name?: string;
            /** Format: password */
            password: string;
            token: string;
        };
        Account: {
            files: components["schemas"]["AccountedFile"][];
            indexed: number;
            missing: number;
            queued: number;
            rejected: number;
            sent: number;
            sidecars: number;
            stored: number;
        };
        AccountSettings: {
            awaited_email?: string | null;
            mail: boolean;
        };
        AccountedFile: {
            code?: string | null;
            damaged: boolean;
            /** Format: int32 */
            faces?: number | null;
            filename: string;
            /** Format: uuid */
            photo_id?: string | null;
            sha256: string;
            state: components["schemas"]["FileState"];
        };
        /** @enum {string} */
        Action: "select" | "hide" | "delete" | "bin" | "restore" | "chapter" | "retry" | "overrule" | "leave_to_couple";
        AddressJson: {
            city: string;
            country?: string | null;
            postal_code: string;
            street: string;
        };
        Analytics: {
            currency?: string | null;
            hours: components["schemas"]["Hour"][];
            totals: components["schemas"]["Counts"];
        };
        ApiKey: {
            created_at: string;
            /** Format: uuid */
            id: string;
            last_used_at?: string | null;
            name: string;
            prefix: string;
            scopes: components["schemas"]["Scope"][];
        };
        ApiKeys: {
            keys: components["schemas"]["ApiKey"][];
            offered_scopes: string[];
        };
        AppCode: {
            code: string;
        };
        AskedText: {
            purpose: components["schemas"]["ConsentPurpose"];
            /**
             * @example {
             *       "en": "We compare your face.",
             *       "ru": "Мы сравним ваше лицо."
             *     }
             */
            text: {
                [key: string]: string;
            };
            version: string;
        };
        AskedTexts: {
            texts: components["schemas"]["AskedText"][];
        };
        AskingDevice: components["schemas"]["SignInOrigin"] & {
            created_at: string;
            expires_at: string;
            status: components["schemas"]["AskingState"];
        };
        /** @enum {string} */
        AskingState: "pending" | "settled";
        Assignees: {
            assignees: components["schemas"]["SpeakerJson"][];
        };
        /** @enum {string} */
        AtEnd: "archive" | "erase";
        AttachmentJson: {
            /** Format: int64 */
            bytes: number;
            filename: string;
            /** Format: uuid */
            id: string;
            media_type: string;
            url: string;
        };
        BalanceJson: {
            /** Format: int64 */
            amount: number;
            currency: string;
            /** Format: int64 */
            reserved: number;
        };
        BatchAnswer: {
            results: components["schemas"]["BatchItem"][];
        };
        BatchItem: components["schemas"]["ValidationAnswer"] & {
            /** Format: uuid */
            session_id: string;
        };
        BatchJson: {
            /** Format: uuid */
            batch_id: string;
            created_at: string;
            /** Format: int64 */
            done: number;
            ended_at?: string | null;
            /** Format: int64 */
            failed: number;
            failures: components["schemas"]["FailedPhoto"][];
            /** Format: int64 */
            total: number;
            /** Format: int64 */
            waiting: number;
        };
        BatchPhoto: {
            external_id: string;
            keep?: boolean;
            library_key: string;
        };
        BeforeJson: {
            label?: string | null;
            photo_ids: string[];
            /** Format: int32 */
            rating: number;
        };
        BegunJson: {
            /** Format: int64 */
            bytes: number;
            /** Format: date-time */
            expires_at: string;
            photos: number;
            url: string;
        };
        BegunNews: {
            key: string;
            /** Format: uuid */
            news_id: string;
            state: components["schemas"]["NewsState"];
            telegram_url?: string | null;
        };
        /** Format: binary */
        Binary: string;
        BoxJson: {
            /** Format: float */
            h: number;
            /** Format: float */
            w: number;
            /** Format: float */
            x: number;
            /** Format: float */
            y: number;
        };
        BrandingJson: {
            colour: string;
            contact?: string | null;
            logo_png_base64?: string | null;
            name: string;
            site?: string | null;
        };
        Camera: {
            camera: string;
            first_taken_at: string;
            last_taken_at: string;
            /** Format: int64 */
            photos: number;
            /** Format: int64 */
            shift_seconds: number;
        };
        CartChoiceJson: {
            promo_code?: string | null;
            /** Format: uuid */
            shipping_id?: string | null;
        };
        CartJson: {
            /** Format: int64 */
            bundle_photos: number;
            /** Format: int64 */
            count: number;
            currency?: string | null;
            /** Format: int64 */
            discount_amount: number;
            /** Format: int64 */
            items_amount: number;
            lines: components["schemas"]["LineJson"][];
            /** Format: uuid */
            order_id?: string | null;
            packages?: components["schemas"]["CartPackage"][];
            promo?: components["schemas"]["CartPromo"] | null;
            removed: components["schemas"]["RemovedPhoto"][];
            /** Format: uuid */
            session_id: string;
            shipping?: components["schemas"]["ShippingWay"][];
            /** Format: int64 */
            shipping_amount: number;
            /** Format: uuid */
            shipping_id?: string | null;
            tax?: components["schemas"]["TaxJson"] | null;
            /** Format: int64 */
            total_amount: number;
        };
        CartPackage: {
            /** Format: int32 */
            missing: number;
            name: string;
            parts: components["schemas"]["FillingJson"][];
            /** Format: uuid */
            price_id: string;
        };
        CartPromo: {
            code: string;
            detail?: string | null;
            problem?: string | null;
        };
        Changed: {
            /** Format: int64 */
            changed: number;
            failed?: components["schemas"]["NotChanged"][];
        };
        ChapterJson: {
            /** Format: uuid */
            chapter_id: string;
            name: string;
            /** Format: int64 */
            photos: number;
            starts_at?: string | null;
        };
        ChapterName: {
            /** Format: uuid */
            chapter_id: string;
            name: string;
        };
        Check: {
            error?: string | null;
            name: string;
            ok: boolean;
            required: boolean;
        };
        CheckoutJson: {
            address?: components["schemas"]["AddressJson"] | null;
            email: string;
            /** Format: int64 */
            expected_total: number;
            language: components["schemas"]["Language"];
            name: string;
            note?: string | null;
            payment: components["schemas"]["PaymentMethod"];
            phone?: string | null;
        };
        Choice: {
            by_couple: boolean;
            filename: string;
            /** Format: int64 */
            hearts: number;
            label?: string | null;
            /** Format: int64 */
            orders: number;
            /** Format: uuid */
            photo_id: string;
            /** Format: int64 */
            quantity: number;
            /** Format: int32 */
            rating?: number | null;
            raw_filename?: string | null;
        };
        /** @enum {string} */
        ChoiceKind: "guest" | "couple";
        ChoiceListJson: {
            /** Format: date-time */
            changed_at: string;
            /** Format: uuid */
            list_id: string;
            name?: string | null;
            /** Format: int64 */
            photos: number;
            thumb_urls: string[];
        };
        ChoiceListsJson: {
            lists: components["schemas"]["ChoiceListJson"][];
            selection?: components["schemas"]["SelectionJson"] | null;
        };
        Choices: {
            choices: components["schemas"]["Choice"][];
        };
        CleanedUp: {
            removed: number;
        };
        ClockChange: {
            cameras?: components["schemas"]["Shift"][];
            /** Format: int32 */
            utc_offset_minutes?: number | null;
        };
        Clocks: {
            cameras: components["schemas"]["Camera"][];
            is_chosen: boolean;
            /** Format: int32 */
            utc_offset_minutes: number;
        };
        CodeJson: {
            /** Format: int32 */
            size: number;
            /** Format: int32 */
            x: number;
            /** Format: int32 */
            y: number;
        };
        /** @enum {string} */
        ColourLabel: "red" | "yellow" | "green" | "blue" | "purple";
        CommentAnswer: {
            studio: string;
            text: string;
        };
        CommentCounts: {
            photos: components["schemas"]["PhotoComments"][];
        };
        CommentJson: {
            answer?: components["schemas"]["CommentAnswer"] | null;
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            id: string;
            is_own: boolean;
            may_remove: boolean;
            name: string;
            state: components["schemas"]["CommentState"];
            text: string;
        };
        CommentPage: {
            comments: components["schemas"]["CommentJson"][];
            next_cursor?: string | null;
            /** Format: int64 */
            total: number;
        };
        CommentReportJson: {
            note?: string;
        };
        /** @enum {string} */
        CommentState: "waiting" | "shown" | "declined";
        /** @enum {string} */
        Comments: "off" | "moderated" | "open";
        CommentsDecided: {
            /** Format: int64 */
            changed: number;
        };
        CommentsDecision: {
            comment_ids: string[];
            state: components["schemas"]["CommentState"];
        };
        ConfirmedEmail: {
            email: string;
        };
        ConsentJson: {
            /** Format: uuid */
            consent_id: string;
            /** Format: date-time */
            given_at: string;
            language: components["schemas"]["Language"];
            purpose: components["schemas"]["ConsentPurpose"];
            /** Format: uuid */
            session_id: string;
            version: string;
            /** Format: date-time */
            withdrawn_at?: string | null;
        };
        ConsentList: {
            consents: components["schemas"]["ConsentJson"][];
            next_cursor?: string | null;
        };
        /** @enum {string} */
        ConsentPurpose: "match" | "news" | "hiding" | "guardian" | "sharing" | "commenting";
        Counts: {
            /** Format: int64 */
            download: number;
            /** Format: int64 */
            empty: number;
            /** Format: int64 */
            hit: number;
            /** Format: int64 */
            orders: number;
            /** Format: int64 */
            page_view: number;
            /** Format: int64 */
            revenue_amount: number;
            /** Format: int64 */
            search: number;
        };
        CoupleKey: {
            key: string;
        };
        CreatedApiKey: components["schemas"]["ApiKey"] & {
            key: string;
        };
        CreatedInvitation: components["schemas"]["InvitationJson"] & {
            url: string;
        };
        CreatedWebhook: components["schemas"]["Webhook"] & {
            secret: string;
        };
        Credentials: {
            login: string;
            /** Format: password */
            password: string;
        };
        CreditJson: {
            name: string;
            /** Format: int64 */
            photos: number;
        };
        CreditsJson: {
            contact?: string | null;
            copyright?: string | null;
            creator?: string | null;
            from_photos?: boolean;
        };
        Deliveries: {
            deliveries: components["schemas"]["Delivery"][];
            next_cursor?: string | null;
        };
        Delivery: {
            /** Format: int32 */
            attempts: number;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            delivered_at?: string | null;
            event: components["schemas"]["SessionEvent"];
            /** Format: uuid */
            id: string;
            last_error?: string | null;
            /** Format: int32 */
            last_status?: number | null;
            /** Format: date-time */
            next_attempt_at?: string | null;
            /** Format: uuid */
            session_id: string;
            state: components["schemas"]["DeliveryState"];
            /** Format: uuid */
            webhook_id: string;
        };
        /** @enum {string} */
        DeliveryState: "queued" | "delivered" | "failed";
        DeskCommentJson: {
            answer?: components["schemas"]["CommentAnswer"] | null;
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            id: string;
            name: string;
            notes: string[];
            photo: components["schemas"]["Picture"];
            /** Format: int64 */
            reports: number;
            state: components["schemas"]["CommentState"];
            text: string;
        };
        DeskCommentPage: {
            comments: components["schemas"]["DeskCommentJson"][];
            next_cursor?: string | null;
            /** Format: int64 */
            waiting: number;
        };
        Device: components["schemas"]["SignInOrigin"] & {
            created_at: string;
            current: boolean;
            /** Format: uuid */
            id: string;
            last_activity_at: string;
        };
        /** @enum {string} */
        DeviceKind: "phone" | "tablet" | "computer" | "unknown";
        Devices: {
            sessions: components["schemas"]["Device"][];
        };
        DiscountJson: {
            /** Format: int64 */
            amount: number;
            code: string;
        };
        /** @enum {string} */
        Downloads: "off" | "web" | "full" | "original";
        EmailChange: {
            email: string;
            /** Format: password */
            password: string;
        };
        EmailConfirmation: {
            token: string;
        };
        Emptied: {
            /** Format: int64 */
            photos: number;
        };
        Ended: {
            /** Format: int64 */
            ended: number;
        };
        ErasedNews: {
            /** Format: int64 */
            addresses: number;
            /** Format: uuid */
            erasure_id: string;
            is_complete: boolean;
            /** Format: int64 */
            vectors: number;
        };
        ErasureJson: {
            /** Format: date-time */
            asked_at: string;
            /** Format: date-time */
            completed_at?: string | null;
            /** Format: uuid */
            id: string;
            kind: components["schemas"]["ErasureKind"];
            receipt?: Record<string, never> | null;
            /** Format: uuid */
            session_id?: string | null;
            state: components["schemas"]["ErasureState"];
            /** Format: uuid */
            subject: string;
            waits_for?: string | null;
        };
        /** @enum {string} */
        ErasureKind: "session" | "photo" | "person" | "consent" | "order" | "account" | "news";
        ErasurePage: {
            erasures: components["schemas"]["ErasureJson"][];
            next_cursor?: string | null;
        };
        ErasurePreview: {
            confirm: string;
            /** Format: date-time */
            confirm_until: string;
            /** Format: int64 */
            files: number;
            goes?: {
                [key: string]: number;
            } | null;
            /** Format: int64 */
            photos: number;
            stays?: {
                [key: string]: number;
            } | null;
            /** Format: int64 */
            vectors: number;
        };
        /** @enum {string} */
        ErasureState: "running" | "complete";
        ErasureWish: {
            confirm?: string | null;
        };
        EventJson: {
            actor: string;
            /** Format: date-time */
            at: string;
            from: components["schemas"]["OrderStatus"];
            /** Format: uuid */
            id: string;
            note?: string | null;
            to: components["schemas"]["OrderStatus"];
        };
        EventsJson: {
            events: components["schemas"]["EventJson"][];
        };
        ExternalPhotoForm: {
            photo: components["schemas"]["Binary"];
        };
        ExternalPhotoJson: {
            code?: string | null;
            external_id: string;
            faces?: components["schemas"]["FoundFace"][] | null;
            /** Format: int32 */
            height: number;
            /** Format: uuid */
            photo_id: string;
            state: components["schemas"]["PhotoState"];
            /** Format: int32 */
            width: number;
        };
        FaceJson: {
            box: components["schemas"]["BoxJson"];
            chosen: boolean;
            index: number;
            /** Format: float */
            quality: number;
            selfie: number;
        };
        FacepassStatus: {
            facepass_enabled: boolean;
            /** Format: int64 */
            faces_indexed: number;
            /** Format: int64 */
            photos_indexed: number;
            /** Format: int64 */
            photos_ready: number;
            /** Format: int64 */
            photos_total: number;
            /** Format: int64 */
            queued: number;
            /** Format: int64 */
            rejected: number;
            /** Format: uuid */
            session_id: string;
            status: string;
        };
        FailedPhoto: {
            code: string;
            external_id: string;
            library_key: string;
        };
        /** @enum {string} */
        FileState: "indexed" | "queued" | "rejected" | "sidecar" | "missing";
        FillingJson: components["schemas"]["PartJson"] & {
            /** Format: int32 */
            chosen: number;
            /** Format: int32 */
            wanted: number;
        };
        Focus: {
            /** Format: double */
            x: number;
            /** Format: double */
            y: number;
        };
        Forgotten: {
            /** Format: int64 */
            people: number;
        };
        ForgottenJson: {
            /** Format: int64 */
            forgotten: number;
        };
        FoundFace: {
            box: components["schemas"]["BoxJson"];
            /** Format: float */
            quality: number;
        };
        FtpAccountJson: {
            created_at: string;
            login: string;
            password: string;
        };
        FtpJson: {
            account?: components["schemas"]["FtpAccountJson"] | null;
            host: string;
            /** Format: int32 */
            port: number;
            requires_tls: boolean;
            tls: boolean;
        };
        GalleryChapters: {
            chapters: components["schemas"]["ChapterJson"][];
            credits: components["schemas"]["CreditJson"][];
        };
        GalleryHour: {
            /** Format: int64 */
            photos: number;
            starts_at: string;
        };
        GalleryHours: {
            hours: components["schemas"]["GalleryHour"][];
        };
        GalleryIds: {
            photo_ids: string[];
        };
        GalleryPage: {
            chapters?: components["schemas"]["ChapterName"][];
            next_cursor?: string | null;
            /** Format: int64 */
            pending: number;
            photos: components["schemas"]["GalleryPhoto"][];
            /** Format: int64 */
            total: number;
        };
        GalleryPerson: {
            name?: string | null;
            /** Format: int32 */
            number: number;
            /** Format: uuid */
            person_id: string;
            /** Format: int64 */
            photos: number;
            portrait: components["schemas"]["PortraitJson"];
        };
        GalleryPhoto: components["schemas"]["Picture"] & {
            /** Format: uuid */
            chapter_id?: string | null;
            /** Format: int32 */
            faces: number;
            focus?: components["schemas"]["Focus"] | null;
        };
        GeoInput: {
            city?: string | null;
            country?: string | null;
            region?: string | null;
        };
        GeoJson: {
            city?: string | null;
            country: string;
            region?: string | null;
        };
        GivenConsent: {
            code?: string | null;
            language: components["schemas"]["Language"];
            purpose?: components["schemas"]["ConsentPurpose"] | null;
            /** @example 2026-11 */
            version: string;
        };
        GuestPeople: {
            people: components["schemas"]["GalleryPerson"][];
        };
        GuestPhotoJson: components["schemas"]["Picture"] & {
            is_shown: boolean;
            notes: string[];
            /** Format: int64 */
            reports: number;
            sender: string;
            /** Format: date-time */
            sent_at: string;
        };
        /** @enum {string} */
        GuestPhotos: "off" | "moderated" | "open";
        GuestPhotosDecided: {
            /** Format: int64 */
            changed: number;
        };
        GuestPhotosDecision: {
            photo_ids: string[];
            show: boolean;
        };
        GuestPhotosJson: {
            photos: components["schemas"]["GuestPhotoJson"][];
            /** Format: int64 */
            total: number;
        };
        GuestPrice: {
            /** Format: int64 */
            amount: number;
            /** Format: uuid */
            id: string;
            kind: components["schemas"]["PriceKind"];
            name: string;
            parts?: components["schemas"]["PartJson"][];
            size?: string | null;
        };
        GuestPrices: {
            currency?: string | null;
            prices: components["schemas"]["GuestPrice"][];
            watermarked: boolean;
        };
        GuestRecord: {
            consents: components["schemas"]["RecordedYes"][];
            /** Format: date-time */
            exported_at: string;
            /** Format: uuid */
            session_id: string;
        };
        GuestSession: {
            /** Format: date-time */
            completed_at?: string | null;
            /** Format: date-time */
            created_at: string;
            description?: string | null;
            facepass_enabled: boolean;
            /** Format: uuid */
            id: string;
            name: string;
            photos: components["schemas"]["GuestPhotos"];
            /** Format: date-time */
            scheduled_at?: string | null;
            status: string;
            /** Format: uuid */
            studio_id: string;
            time_zone?: string | null;
            /** Format: date-time */
            updated_at: string;
            url: string;
        };
        HandoffChangeJson: {
            data?: unknown;
            status?: components["schemas"]["HandoffStatus"] | null;
            /** Format: int64 */
            telegram_user_id?: number | null;
            telegram_username?: string | null;
            type?: components["schemas"]["HandoffKind"] | null;
        };
        HandoffJson: {
            /** Format: date-time */
            created_at: string;
            data?: unknown;
            /** Format: date-time */
            expires_at: string;
            has_result: boolean;
            /** Format: uuid */
            id: string;
            phone_url: string;
            /** Format: int32 */
            photo_count: number;
            status: components["schemas"]["HandoffStatus"];
            telegram_url?: string | null;
            /** Format: int64 */
            telegram_user_id?: number | null;
            telegram_username?: string | null;
            type: components["schemas"]["HandoffKind"];
        };
        /** @enum {string} */
        HandoffKind: "upload" | "download";
        HandoffPage: {
            next_cursor?: string | null;
            sessions: components["schemas"]["HandoffJson"][];
        };
        HandoffPhotoJson: {
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            id: string;
            /** Format: int32 */
            order_index: number;
            photo_data?: string | null;
            photo_type: components["schemas"]["HandoffPhotoType"];
            /** Format: uuid */
            session_id: string;
            telegram_file_id?: string | null;
            url: string;
        };
        /** @enum {string} */
        HandoffPhotoType: "uploaded" | "result";
        HandoffPhotos: {
            photos: components["schemas"]["HandoffPhotoJson"][];
        };
        HandoffResult: components["schemas"]["HandoffPhotoJson"] & {
            photos: components["schemas"]["HandoffPhotoJson"][];
        };
        /** @enum {string} */
        HandoffStatus: "pending" | "ready" | "completed" | "expired";
        HeartPhotosJson: {
            photos: components["schemas"]["GalleryPhoto"][];
        };
        HeartsChange: {
            is_done?: boolean | null;
            is_shared?: boolean | null;
            name?: string | null;
        };
        HeartsJson: {
            /** Format: date-time */
            done_at?: string | null;
            hidden_ids?: string[] | null;
            kind: components["schemas"]["ChoiceKind"];
            /** Format: int32 */
            limit?: number | null;
            name?: string | null;
            photo_ids: string[];
            share_url?: string | null;
        };
        HeldJson: {
            /** Format: int32 */
            limit?: number | null;
            /** Format: int64 */
            photos: number;
        };
        HiddenChange: {
            is_hidden: boolean;
            photo_ids: string[];
        };
        HiddenJson: {
            photo_ids: string[];
        };
        HiddenPhotosJson: {
            photos: components["schemas"]["GalleryPhoto"][];
        };
        /** @enum {string} */
        HideState: "asked" | "hidden" | "refused" | "withdrawn";
        History: {
            entries: components["schemas"]["HistoryEntry"][];
        };
        HistoryEntry: components["schemas"]["SignInOrigin"] & {
            at: string;
            /** Format: uuid */
            id: string;
            method: components["schemas"]["SignInMethod"];
            reason?: string | null;
            success: boolean;
        };
        HostJson: {
            /** Format: date-time */
            checked_at?: string | null;
            host: string;
            /** Format: date-time */
            in_use_at?: string | null;
            /** Format: date-time */
            next_check_at: string;
            problem?: string | null;
            record: components["schemas"]["RecordJson"];
            state: components["schemas"]["HostState"];
            url: string;
        };
        /** @enum {string} */
        HostState: "waiting" | "proven" | "in_use";
        Hour: components["schemas"]["Counts"] & {
            /** Format: date-time */
            hour: string;
        };
        ImageForm: {
            image: components["schemas"]["Binary"];
            target_url?: string | null;
        };
        ImageJson: {
            /** Format: int32 */
            height: number;
            image_url: string;
            preview_url: string;
            /** Format: int32 */
            width: number;
        };
        InLibraryJson: {
            library_key: string;
        };
        IndexStatus: {
            batches: components["schemas"]["BatchJson"][];
            /** Format: int64 */
            faces: number;
            /** Format: int64 */
            indexed: number;
            model: string;
            /** Format: int64 */
            outdated: number;
            /** Format: int64 */
            queued: number;
            /** Format: int64 */
            ready: number;
            /** Format: int64 */
            rejected: number;
        };
        InvitationInput: {
            email?: string | null;
            /** Format: date-time */
            member_until?: string | null;
            role: components["schemas"]["Role"];
        };
        InvitationJson: {
            /** Format: date-time */
            created_at: string;
            email?: string | null;
            /** Format: date-time */
            expires_at: string;
            /** Format: uuid */
            id: string;
            /** Format: date-time */
            member_until?: string | null;
            role: components["schemas"]["Role"];
        };
        InvitationToken: {
            token: string;
        };
        ItemJson: {
            /** Format: uuid */
            photo_id?: string | null;
            /** Format: uuid */
            price_id: string;
            /** Format: int32 */
            quantity: number;
        };
        ItemsJson: {
            items: components["schemas"]["ItemJson"][];
        };
        /** @enum {string} */
        Language: "ru" | "en" | "de";
        LibraryChange: {
            folder?: string | null;
        };
        LibraryJson: {
            can_tie: boolean;
            code?: string | null;
            due_at?: string | null;
            folder?: string | null;
            is_running: boolean;
            /** Format: int64 */
            listed: number;
            /** Format: int64 */
            photos: number;
            place?: string | null;
            refused: components["schemas"]["RefusedFile"][];
            synced_at?: string | null;
        };
        LineJson: {
            /** Format: int64 */
            amount: number;
            covered: boolean;
            filename?: string | null;
            focus?: components["schemas"]["Focus"] | null;
            kind: components["schemas"]["PriceKind"];
            /** Format: uuid */
            line_id: string;
            name: string;
            /** Format: uuid */
            package_id?: string | null;
            /** Format: uuid */
            photo_id?: string | null;
            /** Format: uuid */
            price_id: string;
            /** Format: int32 */
            quantity: number;
            size?: string | null;
            thumb_url?: string | null;
            /** Format: int64 */
            unit_amount: number;
        };
        LinkJson: {
            code: string;
            /** Format: date-time */
            created_at: string;
            label: string;
            url: string;
            /** Format: int64 */
            visits: number;
        };
        LinksJson: {
            links: components["schemas"]["LinkJson"][];
        };
        ListedOrderJson: components["schemas"]["OrderHead"] & {
            /** Format: int32 */
            line_count: number;
        };
        MadeWish: components["schemas"]["WishReceipt"] & {
            code: string;
        };
        ManagedChapters: {
            chapters: components["schemas"]["ChapterJson"][];
            credits: components["schemas"]["CreditJson"][];
            /** Format: int64 */
            outside: number;
            suggested: components["schemas"]["SuggestedChapter"][];
        };
        ManagedIds: {
            photo_ids: string[];
        };
        ManagedPage: {
            /** Format: int64 */
            bin_days: number;
            counts: components["schemas"]["Photos"];
            next_cursor?: string | null;
            photos: components["schemas"]["ManagedPhotoJson"][];
        };
        ManagedPeople: {
            names: string[];
            next_cursor?: string | null;
            people: components["schemas"]["ManagedPerson"][];
            /** Format: int64 */
            photos_left: number;
            total: number;
        };
        ManagedPerson: components["schemas"]["GalleryPerson"] & {
            is_child: boolean;
            is_hidden: boolean;
        };
        ManagedPhotoJson: components["schemas"]["Picture"] & {
            animated: boolean;
            /** Format: date-time */
            bin_until?: string | null;
            /** Format: int64 */
            bytes: number;
            camera?: string | null;
            caption?: string | null;
            chapter_by_hand?: boolean;
            /** Format: uuid */
            chapter_id?: string | null;
            colour?: components["schemas"]["ColourLabel"] | null;
            copyright?: string | null;
            /** Format: date-time */
            couple_hid_at?: string | null;
            couple_overruled?: boolean;
            /** Format: date-time */
            created_at: string;
            creator?: string | null;
            damaged: boolean;
            /** Format: int32 */
            faces: number;
            focus?: components["schemas"]["Focus"] | null;
            guest_id?: string | null;
            is_selected: boolean;
            is_withheld: boolean;
            keywords: string[];
            label?: string | null;
            media_type: string;
            /** Format: int32 */
            rating?: number | null;
            raw?: components["schemas"]["RawJson"] | null;
            /** Format: int32 */
            readable?: number | null;
            reject_code?: string | null;
            sha256: string;
            state: components["schemas"]["PhotoState"];
            /** Format: int32 */
            utc_offset_minutes?: number | null;
        };
        ManagedWish: components["schemas"]["WishReceipt"] & {
            /** Format: uuid */
            hide_request_id: string;
            language: string;
            /** Format: uuid */
            person_id?: string | null;
            version: string;
        };
        ManagedWishes: {
            by_itself: boolean;
            hide_requests: components["schemas"]["ManagedWish"][];
        };
        /** @enum {string} */
        MarkKind: "none" | "text" | "logo";
        MarkedJson: {
            before: components["schemas"]["BeforeJson"][];
            /** Format: int64 */
            changed: number;
        };
        MarksJson: {
            label?: string | null;
            photo_ids: string[];
            /** Format: int32 */
            rating?: number | null;
        };
        MatchJson: components["schemas"]["Picture"] & {
            box: components["schemas"]["BoxJson"];
            /** Format: uuid */
            chapter_id?: string | null;
            external_id?: string | null;
            external_ids?: string[];
            has_picture: boolean;
            return_url?: string | null;
            /** Format: float */
            score: number;
        };
        Me: {
            /** Format: uuid */
            session_id?: string | null;
            user: components["schemas"]["User"];
        };
        MemberInput: {
            disabled?: boolean | null;
            /** Format: date-time */
            ends_at?: string | null;
            role?: components["schemas"]["Role"] | null;
        };
        MemberJson: {
            disabled: boolean;
            email?: string | null;
            /** Format: date-time */
            ends_at?: string | null;
            /** Format: uuid */
            id: string;
            is_managed: boolean;
            is_managed_whole: boolean;
            is_me: boolean;
            /** Format: date-time */
            last_activity_at?: string | null;
            name: string;
            phone?: string | null;
            role: components["schemas"]["Role"];
            /** Format: int64 */
            sessions: number;
        };
        MemberLink: {
            url: string;
        };
        MergedPeople: {
            people: string[];
        };
        NamesJson: {
            de?: string;
            en?: string;
            ru?: string;
        };
        NewApiKey: {
            name: string;
            scopes: components["schemas"]["Scope"][];
        };
        NewAssignee: {
            /** Format: uuid */
            assigned_to?: string | null;
            /** Format: uuid */
            ticket_id: string;
        };
        NewAuthenticator: {
            qr_svg: string;
            secret: string;
            uri: string;
        };
        NewBatch: {
            photos: components["schemas"]["BatchPhoto"][];
        };
        NewCartJson: components["schemas"]["CartJson"] & {
            cart_token: string;
        };
        NewChapter: {
            /** Format: uuid */
            chapter_id?: string | null;
            name: string;
            starts_at?: string | null;
        };
        NewChapters: {
            chapters: components["schemas"]["NewChapter"][];
        };
        NewCommentAnswer: {
            text: string;
        };
        NewCommentJson: {
            /** Format: uuid */
            consent_id: string;
            name?: string;
            text: string;
        };
        NewHandoffJson: {
            data?: unknown;
            /** Format: int64 */
            telegram_user_id?: number | null;
            telegram_username?: string | null;
            type: components["schemas"]["HandoffKind"];
        };
        NewHostJson: {
            host: string;
        };
        NewLinkJson: {
            label: string;
        };
        NewNoticeSetting: {
            by_mail: boolean;
            in_panel: boolean;
            kind: components["schemas"]["NoticeKind"];
        };
        NewNoticeSettings: {
            settings: components["schemas"]["NewNoticeSetting"][];
        };
        NewPromoJson: {
            active: boolean;
            /** Format: int64 */
            amount?: number | null;
            code: string;
            from?: string | null;
            /** Format: int32 */
            most_uses?: number | null;
            once_per_email?: boolean;
            /** Format: int32 */
            percent?: number | null;
            /** Format: uuid */
            session_id?: string | null;
            until?: string | null;
        };
        NewQrCode: {
            app_url: string;
            code: string;
            confirm_url: string;
            expires_at: string;
            /** Format: int64 */
            expires_in: number;
            qr_svg: string;
        };
        NewReplyForm: {
            attachment?: components["schemas"]["Binary"][] | null;
            is_internal?: boolean | null;
            message: string;
        };
        NewReplyJson: {
            is_internal?: boolean;
            message: string | null;
        };
        NewSessionJson: {
            /** Format: uuid */
            client_id?: string | null;
            description?: string | null;
            face_search?: boolean | null;
            facepass_enabled?: boolean | null;
            gallery_open?: boolean | null;
            name: string;
            /** Format: date-time */
            scheduled_at?: string | null;
            /** Format: uuid */
            studio_id?: string | null;
            time_zone?: string | null;
        };
        NewStatus: {
            status: components["schemas"]["TicketStatus"];
            /** Format: uuid */
            ticket_id: string;
        };
        NewText: {
            /**
             * @example {
             *       "en": "We compare your face.",
             *       "ru": "Мы сравним ваше лицо."
             *     }
             */
            text: {
                [key: string]: string;
            };
        };
        NewTicketForm: {
            attachment?: components["schemas"]["Binary"][] | null;
            category?: components["schemas"]["TicketCategory"] | null;
            message: string;
            priority?: components["schemas"]["TicketPriority"] | null;
            subject: string;
        };
        NewTicketJson: {
            category?: components["schemas"]["TicketCategory"] | null;
            message: string | null;
            priority?: components["schemas"]["TicketPriority"] | null;
            subject: string | null;
        };
        NewWebhook: {
            events: components["schemas"]["SessionEvent"][];
            /** Format: uuid */
            studio_id?: string | null;
            url: string;
        };
        NewWish: {
            language: components["schemas"]["Language"];
            photo_ids?: string[] | null;
            version: string;
        };
        /** @enum {string} */
        NewsChannel: "mail" | "push" | "telegram";
        NewsJson: {
            channel?: components["schemas"]["NewsChannel"] | null;
            erased?: components["schemas"]["ErasedNews"] | null;
            /** Format: uuid */
            news_id: string;
            /** Format: uuid */
            session_id: string;
            state: components["schemas"]["NewsState"];
            /** Format: date-time */
            stopped_at?: string | null;
        };
        /** @enum {string} */
        NewsState: "asked" | "on" | "stopped";
        NotChanged: {
            code: string;
            /** Format: uuid */
            photo_id: string;
        };
        NoticeJson: {
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            id: string;
            is_seen: boolean;
            kind: components["schemas"]["NoticeKind"];
            /** Format: uuid */
            session_id: string;
            session_name?: string | null;
        };
        /** @enum {string} */
        NoticeKind: "first_visit" | "order" | "upload_stalled" | "hide_request" | "guest_photos" | "photo_reported" | "comments" | "comment_reported";
        NoticePage: {
            next_cursor?: string | null;
            notices: components["schemas"]["NoticeJson"][];
            /** Format: int64 */
            unseen: number;
        };
        NoticeSettingJson: {
            by_mail: boolean;
            in_panel: boolean;
            kind: components["schemas"]["NoticeKind"];
        };
        NoticeSettings: {
            can_mail: boolean;
            settings: components["schemas"]["NoticeSettingJson"][];
        };
        OfferedNews: {
            channels: components["schemas"]["NewsChannel"][];
            push_public_key?: string | null;
        };
        OneOrder: components["schemas"]["PlacementJson"] & {
            source_image_url?: string | null;
        };
        OpenedInvitation: components["schemas"]["InvitationJson"] & {
            studio_name: string;
        };
        OrderHead: {
            actions: components["schemas"]["OrderStatus"][];
            /** Format: date-time */
            cancelled_at?: string | null;
            /** Format: date-time */
            created_at: string;
            currency: string;
            discount?: components["schemas"]["DiscountJson"] | null;
            email?: string | null;
            /** Format: date-time */
            fulfilled_at?: string | null;
            /** Format: uuid */
            id: string;
            /** Format: int64 */
            items_amount: number;
            language: components["schemas"]["Language"];
            name: string;
            note?: string | null;
            number: string;
            /** Format: date-time */
            paid_at?: string | null;
            payment: components["schemas"]["PaymentMethod"];
            payment_url?: string | null;
            phone?: string | null;
            /** Format: date-time */
            placed_at?: string | null;
            /** Format: date-time */
            refund_asked_at?: string | null;
            /** Format: date-time */
            refunded_at?: string | null;
            /** Format: uuid */
            session_id: string;
            session_name: string;
            shipping?: components["schemas"]["ShippingJson"] | null;
            status: components["schemas"]["OrderStatus"];
            /** Format: uuid */
            studio_id: string;
            studio_name: string;
            tax?: components["schemas"]["TaxJson"] | null;
            time_zone?: string | null;
            /** Format: int64 */
            total_amount: number;
        };
        OrderJson: components["schemas"]["OrderHead"] & {
            archive_url?: string | null;
            lines: components["schemas"]["OrderLineJson"][];
            mail: boolean;
            payment_instructions?: string | null;
        };
        OrderLineJson: components["schemas"]["LineJson"] & {
            download_url?: string | null;
        };
        OrderPage: {
            next_cursor?: string | null;
            orders: components["schemas"]["ListedOrderJson"][];
            totals: components["schemas"]["Totals"];
        };
        /** @enum {string} */
        OrderStatus: "draft" | "placed" | "paid" | "fulfilled" | "cancelled" | "refunded";
        /** @enum {string} */
        Outcome: "stored" | "duplicate" | "sidecar" | "rejected";
        OwnPassword: {
            /** Format: password */
            password: string;
        };
        OwnPhotoJson: {
            filename: string;
            /** Format: uuid */
            photo_id: string;
            picture?: components["schemas"]["Picture"] | null;
            /** Format: date-time */
            sent_at: string;
            state: components["schemas"]["OwnState"];
        };
        OwnPhotosJson: {
            name: string;
            photos: components["schemas"]["OwnPhotoJson"][];
        };
        /** @enum {string} */
        OwnState: "arriving" | "waiting" | "shown" | "hidden" | "declined" | "failed";
        PartJson: {
            /** Format: uuid */
            id?: string | null;
            kind: components["schemas"]["PriceKind"];
            /** Format: int32 */
            quantity: number;
            size?: string | null;
        };
        PasskeyAlgorithm: {
            /** Format: int64 */
            alg: number;
        };
        PasskeyJson: {
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            id: string;
            /** Format: date-time */
            last_used_at?: string | null;
            name: string;
        };
        PasskeyOptions: {
            algorithms: components["schemas"]["PasskeyAlgorithm"][];
            challenge: string;
            credential_ids: string[];
            rp_id: string;
            user?: components["schemas"]["PasskeyOwner"] | null;
        };
        PasskeyOwner: {
            /** Format: uuid */
            id: string;
            login: string;
            name: string;
        };
        PasskeyRegistration: {
            attestation_object: string;
            client_data: string;
            name: string;
        };
        PasskeySignature: {
            authenticator_data: string;
            client_data: string;
            credential_id: string;
            signature: string;
        };
        PasskeyWish: {
            step_token?: string | null;
        };
        PasswordChange: {
            /** Format: password */
            current_password: string;
            keep_api_keys?: boolean;
            /** Format: password */
            new_password: string;
        };
        PasswordReset: {
            /** Format: password */
            password: string;
            token: string;
        };
        /** @enum {string} */
        PaymentMethod: "manual" | "stripe" | "yookassa";
        PaymentMethods: {
            mail: boolean;
            methods: components["schemas"]["PaymentMethod"][];
        };
        PaymentPageJson: {
            payment_url: string;
        };
        PersonChangeJson: {
            is_child?: boolean | null;
            is_hidden?: boolean | null;
            name?: string | null;
        };
        PersonFaceJson: components["schemas"]["Picture"] & {
            box: components["schemas"]["BoxJson"];
            /** Format: uuid */
            face_id: string;
        };
        PersonFaces: {
            faces: components["schemas"]["PersonFaceJson"][];
            next_cursor?: string | null;
        };
        PersonJson: {
            /** Format: uuid */
            id: string;
            name: string;
        };
        PhotoBatch: {
            action: components["schemas"]["Action"];
            /** Format: uuid */
            chapter_id?: string | null;
            /** Format: int32 */
            min_rating?: number | null;
            photo_ids?: string[];
        };
        PhotoChange: {
            is_selected: boolean;
        };
        PhotoComments: {
            /** Format: int64 */
            comments: number;
            /** Format: uuid */
            photo_id: string;
        };
        PhotoReportJson: {
            note?: string;
        };
        /** @enum {string} */
        PhotoState: "queued" | "ready" | "indexed" | "rejected";
        PhotographerJson: {
            /** Format: uuid */
            id: string;
            is_owner: boolean;
            name: string;
            role: components["schemas"]["Role"];
            takes_part: boolean;
        };
        PhotographersInput: {
            photographer_ids: string[];
        };
        PhotographersJson: {
            photographers: components["schemas"]["PhotographerJson"][];
        };
        Photos: {
            /** Format: int64 */
            in_bin?: number;
            /** Format: int64 */
            queued: number;
            /** Format: int64 */
            ready: number;
            /** Format: int64 */
            rejected: number;
            /** Format: int64 */
            selected: number;
        };
        PhotosForm: {
            guest_id?: string | null;
            is_selected?: boolean | null;
            photo: components["schemas"]["Binary"][];
            replace?: string | null;
        };
        Picture: {
            filename: string;
            full_url: string;
            /** Format: int32 */
            height: number;
            /** @default false */
            is_from_guest: boolean;
            /** Format: uuid */
            photo_id: string;
            /** Format: uuid */
            photo_session_id: string;
            preview_url: string;
            taken_at?: string | null;
            thumb_url: string;
            thumbhash?: string | null;
            tile_url: string;
            /** Format: int32 */
            width: number;
        };
        PlacedJson: {
            order: components["schemas"]["OrderJson"];
            order_url: string;
            payment_url?: string | null;
        };
        PlacementInput: {
            customer_id?: string | null;
            /** Format: date-time */
            deadline?: string | null;
            description?: string | null;
            draft?: boolean;
            geo?: components["schemas"]["GeoInput"] | null;
            image_url?: string | null;
            platforms?: string[] | null;
            processed_image_url?: string | null;
            qr_code_url?: string | null;
            status?: components["schemas"]["PlacementStatus"] | null;
            target_url?: string | null;
            title?: string | null;
            /** Format: int64 */
            total_amount?: number | null;
        };
        PlacementJson: {
            /** Format: date-time */
            created_at: string;
            currency: string;
            /** Format: uuid */
            customer_id: string;
            customer_name?: string | null;
            /** Format: date-time */
            deadline?: string | null;
            description: string;
            geo: components["schemas"]["GeoJson"];
            /** Format: uuid */
            id: string;
            image_url?: string | null;
            platforms: string[];
            preview_url?: string | null;
            qr_code_url?: string | null;
            status: components["schemas"]["PlacementStatus"];
            target_url: string;
            title: string;
            /** Format: int64 */
            total_amount?: number | null;
            /** Format: date-time */
            updated_at: string;
        };
        PlacementPage: {
            balance?: components["schemas"]["BalanceJson"] | null;
            next_cursor?: string | null;
            orders: components["schemas"]["PlacementJson"][];
        };
        /** @enum {string} */
        PlacementStatus: "draft" | "placed" | "in_progress" | "completed" | "cancelled";
        PolledCode: {
            code: string;
        };
        PortraitJson: components["schemas"]["Picture"] & {
            box: components["schemas"]["BoxJson"];
        };
        /** @enum {string} */
        Previews: "none" | "cover" | "photos";
        PriceJson: {
            active: boolean;
            /** Format: int64 */
            amount: number;
            /** Format: uuid */
            id?: string | null;
            kind: components["schemas"]["PriceKind"];
            name: components["schemas"]["NamesJson"];
            parts?: components["schemas"]["PartJson"][];
            size?: string | null;
        };
        /** @enum {string} */
        PriceKind: "digital" | "bundle" | "print" | "package";
        PriceListJson: {
            currency?: string | null;
            prices: components["schemas"]["PriceJson"][];
        };
        Problem: {
            code: string;
            detail: string;
            error: string;
            request_id: string;
            /** Format: int32 */
            status: number;
            title: string;
            type: string;
        };
        ProcessInput: {
            image_url?: string | null;
            target_url?: string | null;
        };
        ProcessedJson: {
            /** Format: int32 */
            height: number;
            image_url: string;
            preview_url: string;
            qr: components["schemas"]["CodeJson"];
            /** Format: int32 */
            width: number;
        };
        PromoJson: {
            active: boolean;
            /** Format: int64 */
            amount?: number | null;
            code: string;
            currency?: string | null;
            /** Format: date-time */
            from?: string | null;
            /** Format: uuid */
            id: string;
            /** Format: int32 */
            most_uses?: number | null;
            once_per_email: boolean;
            /** Format: int32 */
            percent?: number | null;
            /** Format: uuid */
            session_id?: string | null;
            /** Format: date-time */
            until?: string | null;
            /** Format: int64 */
            uses: number;
        };
        PromosJson: {
            promo_codes: components["schemas"]["PromoJson"][];
        };
        PushSubscription: {
            endpoint: string;
            /** Format: double */
            expiration_time?: number | null;
            keys: components["schemas"]["PushSubscriptionKeys"];
        };
        PushSubscriptionKeys: {
            auth: string;
            p256dh: string;
        };
        /** @enum {string} */
        QrState: "pending" | "confirmed" | "rejected" | "expired";
        QrStatus: {
            status: components["schemas"]["QrState"];
            tokens?: components["schemas"]["Tokens"] | null;
        };
        RawJson: {
            /** Format: int64 */
            bytes: number;
            filename: string;
            media_type: string;
            sha256: string;
        };
        Readiness: {
            checks: components["schemas"]["Check"][];
            ready: boolean;
        };
        RecordJson: {
            name: string;
            value: string;
        };
        RecordedConsent: {
            code: string;
            /** Format: uuid */
            consent_id: string;
        };
        RecordedYes: components["schemas"]["ConsentJson"] & {
            text?: string | null;
        };
        RecoveryCodes: {
            recovery_codes: string[];
        };
        RefreshToken: {
            refresh_token?: string | null;
        };
        RefusedFile: {
            code: string;
            key: string;
        };
        RejectedFile: {
            at: string;
            /** Format: int64 */
            bytes: number;
            code: string;
            filename: string;
            /** Format: uuid */
            photo_id?: string | null;
            /** Format: uuid */
            rejection_id?: string | null;
            sha256?: string | null;
        };
        Rejections: {
            next_cursor?: string | null;
            rejections: components["schemas"]["RejectedFile"][];
        };
        RemovalInput: {
            /** Format: uuid */
            heir_id?: string | null;
        };
        RemovedPhoto: {
            /** Format: uuid */
            photo_id: string;
        };
        ReplyJson: {
            attachments: components["schemas"]["AttachmentJson"][];
            author: components["schemas"]["SpeakerJson"];
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            id: string;
            is_internal: boolean;
            message: string;
        };
        ResetWish: {
            login: string;
        };
        ReturnUrlJson: {
            return_url?: string | null;
        };
        /** @enum {string} */
        Role: "super_admin" | "admin" | "photographer" | "customer" | "operator";
        ScannedCode: {
            code: string;
        };
        /** @enum {string} */
        Scope: "sessions:read" | "sessions:write" | "photos:write" | "metrics:read" | "handoff" | "faces";
        SearchAnswerJson: {
            faces: components["schemas"]["FaceJson"][];
            matches: components["schemas"]["MatchJson"][];
            model: string;
            perhaps: components["schemas"]["MatchJson"][];
            /** Format: int64 */
            photos_pending: number;
            /** Format: int64 */
            photos_total: number;
            /** Format: uuid */
            search_id: string;
            /** Format: uuid */
            session_id: string;
            visit_token?: string | null;
        };
        SearchForm: {
            confirmed?: string[] | null;
            /** Format: uuid */
            consent_id?: string | null;
            /** Format: int32 */
            face?: number | null;
            selfie: components["schemas"]["Binary"][];
        };
        SecondStepCode: {
            code: string;
            step_token: string;
        };
        SelectionChangeJson: {
            /** Format: int32 */
            limit?: number | null;
            may_hide?: boolean | null;
            renew_link?: boolean;
        };
        SelectionJson: {
            /** Format: date-time */
            changed_at: string;
            /** Format: date-time */
            done_at?: string | null;
            /** Format: int64 */
            hidden: number;
            /** Format: int32 */
            limit?: number | null;
            /** Format: uuid */
            list_id: string;
            may_hide: boolean;
            name?: string | null;
            /** Format: int64 */
            photos: number;
            thumb_urls: string[];
            url: string;
        };
        Sent: {
            files?: components["schemas"]["SentEntry"][];
        };
        SentEntry: {
            filename: string;
            sha256: string;
        };
        SentPhoto: {
            code?: string | null;
            filename: string;
            /** Format: uuid */
            photo_id?: string | null;
            result: components["schemas"]["Outcome"];
        };
        SentPhotoForm: {
            /** Format: int32 */
            order_index?: number | null;
            photo: components["schemas"]["Binary"];
            photo_type?: components["schemas"]["HandoffPhotoType"] | null;
            telegram_file_id?: string | null;
        };
        SentPhotoJson: {
            /** Format: int32 */
            order_index?: number | null;
            photo_data?: string | null;
            photo_type?: components["schemas"]["HandoffPhotoType"] | null;
            telegram_file_id?: string | null;
        };
        SentPhotos: {
            results: components["schemas"]["SentPhoto"][];
        };
        SessionBatch: {
            session_ids: string[];
        };
        SessionChangeJson: {
            at_end?: components["schemas"]["AtEnd"] | null;
            /** Format: uuid */
            client_id?: string | null;
            comments?: components["schemas"]["Comments"] | null;
            /** Format: uuid */
            cover_photo_id?: string | null;
            description?: string | null;
            downloads?: components["schemas"]["Downloads"] | null;
            /** Format: date-time */
            ends_at?: string | null;
            face_search?: boolean | null;
            facepass_enabled?: boolean | null;
            gallery_open?: boolean | null;
            guest_photos?: components["schemas"]["GuestPhotos"] | null;
            /** Format: int32 */
            most_from_a_guest?: number | null;
            /** Format: int32 */
            most_from_guests?: number | null;
            name?: string | null;
            pin?: string | null;
            previews?: components["schemas"]["Previews"] | null;
            prices?: string[] | null;
            /** Format: date-time */
            reveals_at?: string | null;
            /** Format: date-time */
            scheduled_at?: string | null;
            status?: components["schemas"]["SessionStatus"] | null;
            time_zone?: string | null;
            watermark?: boolean | null;
        };
        SessionData: {
            /** Format: date-time */
            completed_at?: string | null;
            /** Format: date-time */
            created_at: string;
            description?: string | null;
            facepass_enabled: boolean;
            /** Format: uuid */
            id: string;
            name: string;
            /** Format: uuid */
            photographer_id?: string | null;
            /** Format: date-time */
            scheduled_at?: string | null;
            status: string;
            /** Format: uuid */
            studio_id: string;
            /** Format: date-time */
            updated_at: string;
        };
        /** @enum {string} */
        SessionEvent: "session.enabled" | "session.disabled" | "session.completed";
        SessionJson: components["schemas"]["StudioSessionJson"] | components["schemas"]["GuestSession"];
        SessionPeople: {
            for_guests: boolean;
            guardian: boolean;
            is_on: boolean;
            /** Format: int64 */
            photos_left: number;
            studio: boolean;
        };
        SessionPeopleChange: {
            for_guests?: boolean;
            guardian?: boolean | null;
            is_on: boolean;
        };
        /** @enum {string} */
        SessionStatus: "created" | "active" | "completed" | "archived";
        SetUp: {
            email: string;
            name: string;
            /** Format: password */
            password: string;
            studio_name: string;
            token: string;
        };
        SharedListJson: {
            name?: string | null;
            photos: components["schemas"]["GalleryPhoto"][];
        };
        Shift: {
            camera: string;
            /** Format: int64 */
            shift_seconds: number;
        };
        ShippingJson: {
            address?: components["schemas"]["AddressJson"] | null;
            /** Format: int64 */
            amount: number;
            name: string;
        };
        ShippingSettings: {
            active: boolean;
            /** Format: int64 */
            amount: number;
            /** Format: uuid */
            id?: string | null;
            name: components["schemas"]["NamesJson"];
            needs_address: boolean;
        };
        ShippingWay: {
            /** Format: int64 */
            amount: number;
            /** Format: uuid */
            id: string;
            name: string;
            needs_address: boolean;
        };
        ShopSettingsJson: {
            payment_instructions?: string | null;
            seller?: string | null;
            shipping: components["schemas"]["ShippingSettings"][];
            tax?: components["schemas"]["TaxSettings"] | null;
        };
        ShownHandoffJson: components["schemas"]["HandoffJson"] & {
            qr_svg: string;
        };
        /** @enum {string} */
        SignInMethod: "password" | "totp" | "recovery_code" | "passkey" | "qr" | "setup";
        SignInOrigin: {
            browser?: string | null;
            device: components["schemas"]["DeviceKind"];
            ip: string;
            location?: string | null;
            os?: string | null;
        };
        SpeakerJson: {
            /** Format: uuid */
            id: string;
            name: string;
            role: components["schemas"]["Role"];
        };
        SplitFaces: {
            faces: string[];
        };
        SplitOff: {
            /** Format: uuid */
            person_id: string;
        };
        StepJson: {
            note?: string | null;
            to: components["schemas"]["OrderStatus"];
        };
        StudioHostJson: {
            available: boolean;
            host?: components["schemas"]["HostJson"] | null;
            installation: string;
        };
        StudioOfUser: {
            /** Format: uuid */
            id: string;
            name: string;
        };
        StudioPeople: {
            is_on: boolean;
        };
        StudioSessionJson: {
            at_end: components["schemas"]["AtEnd"];
            /** Format: uuid */
            client_id?: string | null;
            comments: components["schemas"]["Comments"];
            /** Format: date-time */
            completed_at?: string | null;
            /** Format: uuid */
            cover_photo_id?: string | null;
            /** Format: date-time */
            created_at: string;
            description?: string | null;
            downloads: components["schemas"]["Downloads"];
            /** Format: date-time */
            ends_at?: string | null;
            face_search: boolean;
            facepass_enabled: boolean;
            gallery_open: boolean;
            guest_photos: components["schemas"]["GuestPhotos"];
            /** Format: uuid */
            id: string;
            /** Format: int32 */
            most_from_a_guest: number;
            /** Format: int32 */
            most_from_guests: number;
            name: string;
            network_url?: string | null;
            /** Format: uuid */
            photographer_id?: string | null;
            photos: components["schemas"]["Photos"];
            pin?: string | null;
            previews: components["schemas"]["Previews"];
            prices?: string[] | null;
            /** Format: date-time */
            reveals_at?: string | null;
            /** Format: date-time */
            scheduled_at?: string | null;
            settings?: unknown;
            status: string;
            /** Format: uuid */
            studio_id: string;
            time_zone?: string | null;
            /** Format: date-time */
            updated_at: string;
            url: string;
            watermark: boolean;
        };
        StudioSessionPage: {
            next_cursor?: string | null;
            sessions: components["schemas"]["StudioSessionJson"][];
        };
        StudioText: components["schemas"]["AskedText"] & {
            is_current: boolean;
            /** Format: date-time */
            since?: string | null;
        };
        StudioTexts: {
            texts: components["schemas"]["StudioText"][];
        };
        SuggestedChapter: {
            /** Format: int64 */
            photos: number;
            starts_at: string;
        };
        TakeoverJson: {
            before?: string | null;
            /** Format: date-time */
            kept_until?: string | null;
            /** Format: int64 */
            left: number;
            next?: string | null;
            /** Format: int64 */
            photos: number;
        };
        TaxJson: {
            /** Format: int64 */
            amount: number;
            included: boolean;
            /** Format: int32 */
            rate: number;
        };
        TaxSettings: {
            included: boolean;
            /** Format: int32 */
            rate: number;
        };
        TeamJson: {
            invitations: components["schemas"]["InvitationJson"][];
            mail: boolean;
            members: components["schemas"]["MemberJson"][];
            roles: components["schemas"]["Role"][];
        };
        /** @enum {string} */
        TicketCategory: "general" | "technical" | "billing" | "other";
        TicketJson: {
            assigned_to?: components["schemas"]["PersonJson"] | null;
            attachments: components["schemas"]["AttachmentJson"][];
            author: components["schemas"]["PersonJson"];
            category: components["schemas"]["TicketCategory"];
            /** Format: date-time */
            closed_at?: string | null;
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            id: string;
            message: string;
            priority: components["schemas"]["TicketPriority"];
            /** Format: int64 */
            reply_count: number;
            status: components["schemas"]["TicketStatus"];
            subject: string;
            /** Format: date-time */
            updated_at: string;
        };
        TicketPage: {
            next_cursor?: string | null;
            tickets: components["schemas"]["TicketJson"][];
        };
        /** @enum {string} */
        TicketPriority: "low" | "normal" | "high" | "urgent";
        /** @enum {string} */
        TicketStatus: "open" | "in_progress" | "awaiting_reply" | "resolved" | "closed";
        Tokens: {
            access_token: string;
            /** Format: int64 */
            expires_in: number;
            refresh_token: string;
            /** @example Bearer */
            token_type: string;
            user: components["schemas"]["User"];
        };
        Totals: {
            /** Format: int64 */
            count: number;
            currency?: string | null;
            /** Format: int64 */
            paid_amount: number;
        };
        TwoStepJson: {
            app: boolean;
            passkeys: components["schemas"]["PasskeyJson"][];
            passkeys_possible: boolean;
            /** Format: int64 */
            recovery_codes: number;
        };
        TypedPin: {
            pin: string;
        };
        User: {
            email?: string | null;
            /** Format: uuid */
            id: string;
            name: string;
            phone?: string | null;
            role: components["schemas"]["Role"];
            studios: components["schemas"]["StudioOfUser"][];
        };
        ValidatedSession: {
            /** Format: date-time */
            created_at: string;
            facepass_enabled: boolean;
            /** Format: uuid */
            id: string;
            name: string;
            /** Format: uuid */
            photographer_id?: string | null;
            status: string;
            /** Format: uuid */
            studio_id: string;
            /** Format: date-time */
            updated_at: string;
        };
        ValidationAnswer: {
            error?: string | null;
            session?: components["schemas"]["ValidatedSession"] | null;
            valid: boolean;
        };
        VisitJson: {
            /** Format: uuid */
            consent_id: string;
            matches: components["schemas"]["MatchJson"][];
            /** Format: int64 */
            photos_pending: number;
            /** Format: int64 */
            photos_total: number;
            /** Format: uuid */
            search_id: string;
        };
        Wanted: {
            all?: boolean;
            photo_ids?: string[] | null;
        };
        WantedNews: {
            address?: string | null;
            channel: components["schemas"]["NewsChannel"];
            language: components["schemas"]["Language"];
            subscription?: components["schemas"]["PushSubscription"] | null;
            version: string;
        };
        WatermarkJson: {
            kind: components["schemas"]["MarkKind"];
            logo_png_base64?: string | null;
            /** Format: int32 */
            opacity: number;
            text?: string | null;
        };
        WebOriginsJson: {
            origins: string[];
        };
        Webhook: {
            /** Format: date-time */
            created_at: string;
            enabled: boolean;
            events: components["schemas"]["SessionEvent"][];
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            studio_id: string;
            url: string;
        };
        WebhookSwitch: {
            enabled?: boolean | null;
        };
        Webhooks: {
            webhooks: components["schemas"]["Webhook"][];
        };
        WholeTicketJson: components["schemas"]["TicketJson"] & {
            next_statuses: components["schemas"]["TicketStatus"][];
            replies: components["schemas"]["ReplyJson"][];
        };
        WishAnswer: {
            accept: boolean;
        };
        WishReceipt: {
            /** Format: date-time */
            created_at: string;
            /** Format: int64 */
            photos_asked: number;
            /** Format: int64 */
            photos_held_back: number;
            /** Format: int64 */
            photos_hidden: number;
            /** Format: date-time */
            settled_at?: string | null;
            state: components["schemas"]["HideState"];
        };
        WishesChange: {
            by_itself: boolean;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
