/* oauth_calls.h - the functions of oauth.h, each as a call that can be made again and again.
 */
#ifndef TEST_FAULTS_OAUTH_CALLS_H
#define TEST_FAULTS_OAUTH_CALLS_H

#include <cinema/base.h>

cinema_status call_oauth_start(void);
cinema_status call_oauth_callback(void);
cinema_status call_oauth_exchange(void);
cinema_status call_identity_list(void);
cinema_status call_identity_link(void);
cinema_status call_identity_remove(void);

#endif
