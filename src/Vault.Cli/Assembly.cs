using System.Runtime.Versioning;

// FUSE, /proc and termios: there is no other platform.
[assembly: SupportedOSPlatform("linux")]
