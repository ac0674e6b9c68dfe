import init from 'pixy-login-glue';

init();
