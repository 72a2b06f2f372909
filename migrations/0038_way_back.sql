-- Where a reader is led who subscribed from a premium post: back to it. Only posts of this shop; kept here, so that it neither travels
-- through the payment page nor changes what was asked of Stripe.
alter table subscription_checkout add column back_to text check (back_to ~ '^/posts/[a-z0-9][a-z0-9-]{0,80}$');
