//! Parameters with the names that an expansion might use itself.
#![deny(warnings)]

use perprovis::profile;

macro_rules! functions {
    ($($name:ident $later:ident($parameter:ident);)*) => {$(
        #[profile(metadata($parameter))]
        fn $name($parameter: String) -> usize {
            $parameter.len()
        }

        #[profile(metadata($parameter))]
        async fn $later($parameter: String) -> usize {
            std::future::ready(()).await;
            $parameter.len()
        }
    )*};
}

functions! {
    a a_later(_guard);
    b b_later(guard);
    c c_later(start);
    d d_later(name);
    e e_later(span);
    f f_later(result);
    g g_later(ret);
    h h_later(fut);
    i i_later(cx);
    j j_later(__ret__);
    k k_later(__perprovis_scope);
    l l_later(__perprovis_task);
    m m_later(__perprovis_output);
    n n_later(site);
    o o_later(profiler);
    p p_later(future);
    q q_later(output);
    r r_later(metadata);
}

#[profile]
fn written_out(_guard: Vec<u8>, start: u8, __ret__: u8) -> usize {
    _guard.len() + usize::from(start + __ret__)
}

#[profile]
async fn written_out_later(_guard: Vec<u8>, start: u8, __ret__: u8) -> usize {
    _guard.len() + usize::from(start + __ret__)
}

fn main() {
    macro_rules! all {
        ($($name:ident)*) => { [$($name("x".into())),*] };
    }
    assert_eq!(all!(a b c d e f g h i j k l m n o p q r), [1; 18]);
    futures::executor::block_on(async {
        macro_rules! all_later {
            ($($name:ident)*) => { [$($name("x".into()).await),*] };
        }
        let sums = all_later!(
            a_later b_later c_later d_later e_later f_later g_later h_later i_later j_later k_later
            l_later m_later n_later o_later p_later q_later r_later
        );
        assert_eq!(sums, [1; 18]);
        assert_eq!(written_out_later(vec![0], 1, 2).await, 4);
    });
    assert_eq!(written_out(vec![0], 1, 2), 4);
}
